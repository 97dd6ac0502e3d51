import type uPlot from 'uplot';

export interface ChartSeries {
  readonly label: string;
  /** A CSS variable. */
  readonly color: string;
  readonly dashed?: boolean;
}

interface OptionsInput {
  readonly series: readonly ChartSeries[];
  readonly format: (value: number) => string;
  /** Steps that the axis may have, in the unit of the values. */
  readonly increments: readonly number[];
  /** The top of the axis is at least this. */
  readonly leastTop: number;
  readonly rangeMs: () => number;
  readonly language: string;
  readonly onCursor: (chart: uPlot) => void;
  readonly size: { readonly width: number; readonly height: number };
}

const HEADROOM = 1.08;

const powers = (base: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => base ** (from + index));
/** Halves and doubles of the units in which bytes are shown. */
export const byteIncrements = powers(2, 0, 50);
export const countIncrements = powers(10, 0, 7).flatMap((power) => [power, 2 * power, 5 * power]);
export const instructionIncrements = powers(10, 0, 12).flatMap((power) => [power, 2 * power, 5 * power]);
/** From one percent of a core. */
export const coreIncrements = powers(10, -2, 3).flatMap((power) => [power, 2 * power, 5 * power]);

/** Colours come from the page's tokens, which a canvas cannot read by itself. */
function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function clock(language: string, seconds: number, withSeconds: boolean): string {
  return new Date(seconds * 1000).toLocaleTimeString(language, {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  });
}

export function chartOptions(input: OptionsInput): uPlot.Options {
  const { series, format, increments, leastTop, rangeMs, language, onCursor, size } = input;
  const axis = {
    stroke: token('--faint'),
    font: `11px ${token('--font-sans') || 'sans-serif'}`,
    grid: { stroke: token('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    ...size,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: 'terrarium-stats' } },
    scales: {
      x: { time: true, range: () => [(Date.now() - rangeMs()) / 1000, Date.now() / 1000] },
      y: { range: (_chart, _min, max) => [0, Math.max(leastTop, (max ?? 0) * HEADROOM)] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        gap: 8,
        space: 70,
        values: (_chart, splits) => splits.map((at) => clock(language, at, rangeMs() <= 300_000)),
      },
      { ...axis, size: 76, space: 30, incrs: [...increments], values: (_chart, splits) => splits.map(format) },
    ],
    series: [
      {},
      ...series.map(({ label, color, dashed }, index) => ({
        label,
        stroke: token(color),
        width: 1.5,
        points: { show: false },
        ...(dashed === true ? { dash: [6, 4] } : {}),
        ...(index === 0 ? { fill: `${token(color)}22` } : {}),
      })),
    ],
    hooks: { setCursor: [onCursor] },
  };
}
