import type { Change } from '../../../shared/contract/changes.ts';

const isBelow = (path: string, folder: string) => path.startsWith(`${folder}/`);

function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
}

/** A folder goes with all that is below it; and is not meant whole any more when one of those is left out. */
export function toggled(
  chosen: ReadonlySet<string>,
  path: string,
  changes: readonly Pick<Change, 'path'>[],
): ReadonlySet<string> {
  const next = new Set(chosen);
  const group = [path, ...changes.map((change) => change.path).filter((each) => isBelow(each, path))];
  if (chosen.has(path)) {
    for (const each of [...group, ...foldersAbove(path)]) next.delete(each);
  } else for (const each of group) next.add(each);
  return next;
}

/** The fewest paths that name what is chosen. */
export function pathsOf(chosen: ReadonlySet<string>): string[] {
  return [...chosen].filter((path) => ![...foldersAbove(path)].some((folder) => chosen.has(folder)));
}
