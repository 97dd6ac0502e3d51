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
    ...section('Skipped', outcomes, 'skipped', (outcome) => [`  ${title(outcome)}: ${firstLine(outcome.detail)}`]),
    ...section('Failed', outcomes, 'failed', (outcome) => [`  ${title(outcome)}`, ...indented(outcome.detail)]),
    '',
    countLine(count(outcomes)),
  ];
}

function section(
  heading: string,
  outcomes: readonly Outcome[],
  status: Outcome['status'],
  render: (outcome: Outcome) => readonly string[],
): readonly string[] {
  const chosen = outcomes.filter((outcome) => outcome.status === status);
  return chosen.length === 0 ? [] : ['', `${heading}:`, ...chosen.flatMap(render)];
}

function title(outcome: Outcome): string {
  return `${outcome.suite} › ${outcome.name}`;
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text).trim().split('\n')[0] ?? '';
}

/** The whole message is further up, where the runner printed it. */
function indented(text: string): readonly string[] {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  const shown = lines.slice(0, detailLines).map((line) => `      ${line}`);
  return lines.length > detailLines ? [...shown, '      …'] : shown;
}
