import { structuredPatch } from 'diff';

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
}

/** Lines around what has changed. */
const CONTEXT = 3;
/** Lines removed and added, as the time to find them grows with their square. */
const MOST_EDITS = 1000;

const GAP: DiffLine = { kind: 'gap', text: '' };
const kinds: Readonly<Record<string, DiffLine['kind']>> = { ' ': 'same', '+': 'added', '-': 'removed' };
const asKind = (kind: DiffLine['kind']) => (text: string) => ({ kind, text });

/** What has changed from one text to another, line by line, with a few lines around it. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [old, next] = [linesOf(before), linesOf(after)];
  const options = { context: CONTEXT, maxEditLength: MOST_EDITS };
  const patch = structuredPatch('', '', textOf(old), textOf(next), undefined, undefined, options);
  if (!patch) return withoutEnds(old, next);
  // How many of the old lines are shown, or are counted in a gap.
  let reached = 0;
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, lines: told }) => {
    const start = oldStart - 1;
    const gap = start > reached ? [GAP] : [];
    reached = start + oldLines;
    return [...gap, ...told.map((line): DiffLine => ({ kind: kinds[line[0] ?? ''] ?? 'gap', text: line.slice(1) }))];
  });
  return reached < old.length ? [...lines, GAP] : lines;
}

/** Whether there is an end of line at the very end is no change of a line. */
function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** All between the first and the last change counts as changed: where there are too many, nobody compares line by line. */
function withoutEnds(old: readonly string[], next: readonly string[]): readonly DiffLine[] {
  let start = 0;
  while (start < old.length && start < next.length && old[start] === next[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < next.length - start && old.at(-1 - end) === next.at(-1 - end)) end += 1;
  const rest = old.slice(old.length - end);
  return [
    ...(start > CONTEXT ? [GAP] : []),
    ...old.slice(Math.max(0, start - CONTEXT), start).map(asKind('same')),
    ...old.slice(start, old.length - end).map(asKind('removed')),
    ...next.slice(start, next.length - end).map(asKind('added')),
    ...rest.slice(0, CONTEXT).map(asKind('same')),
    ...(end > CONTEXT ? [GAP] : []),
  ];
}
