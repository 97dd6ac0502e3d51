import { stripVTControlCharacters } from 'node:util';
import { count, countLine, type Outcome } from './outcome.ts';

const detailLines = 12;

/** The lines at the end of `npm test`; the last one is the count. */
export function renderSummary(outcomes: readonly Outcome[]): readonly string[] {
  const suites = [...new Set(outcomes.map((outcome) => outcome.suite))];
  const width = Math.max(0, ...suites.map((suite) => suite.length));
  const perSuite = suites.map((suite) => {
    const counts = count(outcomes.filter((outcome) => outcome.suite === suite));
    return `  ${suite.padEnd(width)}  ${countLine(counts)}`;
  });
  return [
    ...perSuite,
    ...section('Skipped', outcomes, 'skipped'),
    ...section('Failed', outcomes, 'failed'),
    '',
    countLine(count(outcomes)),
  ];
}

/** Tests that share a reason are named together, above it: one missing engine skips a hundred. */
function section(heading: string, outcomes: readonly Outcome[], status: Outcome['status']): readonly string[] {
  const byReason = Map.groupBy(
    outcomes.filter((outcome) => outcome.status === status),
    (outcome) => outcome.detail,
  );
  if (byReason.size === 0) return [];
  const groups = [...byReason].flatMap(([reason, group]) => [
    ...group.map((outcome) => `  ${outcome.suite} › ${outcome.name}`),
    ...indented(reason),
  ]);
  return ['', `${heading}:`, ...groups];
}

/** The whole message is further up, where the runner printed it. */
function indented(text: string): readonly string[] {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  const shown = lines.slice(0, detailLines).map((line) => `      ${line}`);
  return lines.length > detailLines ? [...shown, '      …'] : shown;
}
