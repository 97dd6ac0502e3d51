import type { Outcome } from './benchmark.ts';
import type { Environment } from './environment.ts';
import { type FigureInfo, type FigureName, figureNames, infoOf } from './figures.ts';
import { rounded, type Summary, summarize } from './statistics.ts';

interface Detail extends Omit<FigureInfo, 'peer'>, Partial<Summary> {
  readonly peer?: FigureName | string;
  readonly samples?: readonly number[];
  /** Why the figure is null. */
  readonly missing?: string;
  readonly notes?: Readonly<Record<string, number | string>>;
}

/** What `--json` prints: each figure's median at the top (null: not measured here), the rest in `detail`. */
export type Report = Readonly<Partial<Record<FigureName, number | null>>> & {
  readonly detail: Readonly<Partial<Record<FigureName, Detail>>>;
  readonly environment: Environment;
  readonly seconds: number;
};

export function makeReport(
  outcomes: ReadonlyMap<FigureName, Outcome>,
  environment: Environment,
  seconds: number,
): Report {
  const measured = figureNames.flatMap((name) => {
    const outcome = outcomes.get(name);
    return outcome ? [{ name, detail: detailOf(name, outcome) }] : [];
  });
  return {
    ...Object.fromEntries(measured.map(({ name, detail }) => [name, detail.median ?? null])),
    detail: Object.fromEntries(measured.map(({ name, detail }) => [name, detail])),
    environment,
    seconds: Math.round(seconds),
  };
}

function detailOf(name: FigureName, outcome: Outcome): Detail {
  const info = infoOf(name);
  if ('missing' in outcome) return { ...info, missing: outcome.missing };
  const { median, p90, min, max } = summarize(outcome.samples);
  return {
    ...info,
    median: rounded(median),
    p90: rounded(p90),
    min: rounded(min),
    max: rounded(max),
    samples: outcome.samples.map(rounded),
    ...(outcome.notes ? { notes: outcome.notes } : {}),
  };
}

/** For people: one line a figure, with what it is to be read against. */
export function renderTable({ detail, environment, seconds }: Report): string {
  const rows = figureNames.flatMap((name) => {
    const found = detail[name];
    return found ? [row(name, found)] : [];
  });
  const head = ['figure', 'median', '', 'p90', 'min', 'max', ''];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column > 0 && column !== 2 && column < 6
          ? cell.padStart(widths[column] ?? 0)
          : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const { cpu, cores, kernel, node, chromium, docker, load } = environment;
  return [
    ...[head, ...rows].map(line),
    '',
    `${cpu ?? 'unknown CPU'}, ${cores} cores, kernel ${kernel}, Node ${node}, Chromium ${chromium ?? 'none'}, Docker ${docker ?? 'none'}, load ${load.toFixed(1)}; ${seconds} s`,
  ].join('\n');

  function row(name: FigureName, { unit, median, p90, min, max, peer, missing }: Detail): readonly string[] {
    if (median === undefined) return [name, '-', unit, '', '', '', `not measured: ${missing}`];
    const peerName = figureNames.find((candidate) => candidate === peer);
    const other = peerName && detail[peerName]?.median;
    const against = other ? `${(median / other).toFixed(2)} of ${peerName}` : '';
    return [name, String(median), unit, String(p90), String(min), String(max), against];
  }
}
