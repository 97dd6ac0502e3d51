import type { Change } from '../../../shared/contract/changes.ts';

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
}

/** With these paths, or without: then no folder above one of them is meant whole any more. */
export function withAll(chosen: ReadonlySet<string>, paths: Iterable<string>, on: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  for (const path of paths) {
    if (on) {
      next.add(path);
      continue;
    }
    next.delete(path);
    for (const folder of foldersAbove(path)) next.delete(folder);
  }
  return next;
}

/** A folder goes with all that is below it. */
export function toggled(
  chosen: ReadonlySet<string>,
  path: string,
  changes: readonly Pick<Change, 'path'>[],
): ReadonlySet<string> {
  const below = changes.map((change) => change.path).filter((each) => isBelow(each, path));
  return withAll(chosen, [path, ...below], !chosen.has(path));
}

/** The fewest paths that name what is chosen. */
export function pathsOf(chosen: ReadonlySet<string>): string[] {
  return [...chosen].filter((path) => ![...foldersAbove(path)].some((folder) => chosen.has(folder)));
}
