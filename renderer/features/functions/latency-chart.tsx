import { useMemo } from 'react';
import type { FunctionStatistics } from '../../../shared/model/function.ts';
import { formatCount, formatDuration } from '../../../shared/units.ts';
import { useStrings } from '../../stores/page.ts';
import { formatMs } from './format-ms.ts';
import { type Bar, barsOf, positionOf } from './histogram.ts';

const HEIGHT = 140;

/** How long invocations took, in buckets that grow with the time. Its numbers are in a table for who cannot see it. */
export function LatencyChart({ statistics }: { readonly statistics: FunctionStatistics }) {
  const text = useStrings().functions;
  const { histogram, duration } = statistics;
  const bars = useMemo(() => barsOf(histogram), [histogram]);
  const most = Math.max(...bars.map(({ count }) => count), 1);
  const range = ({ from, to }: Bar) =>
    to === null ? text.longerThan(formatDuration(from)) : text.fromTo(formatDuration(from), formatDuration(to));
  if (bars.length === 0 || duration === null) return <p className="p-2 text-faint">{text.noDurations}</p>;
  const names = ['p50', 'p90', 'p99'] as const;
  const marks = marksOf(names.map((name) => ({ name, at: positionOf(duration[name], bars) })));
  return (
    <figure aria-label={text.latency}>
      <div className="mb-1 flex flex-wrap gap-x-4 text-sm tabular-nums">
        {names.map((name) => (
          <span key={name}>
            <span className="text-faint">{name}</span> {formatMs(duration[name])}
          </span>
        ))}
      </div>
      <div aria-hidden="true" className="relative pt-5" style={{ height: HEIGHT + 20 }}>
        <div className="flex h-full items-end gap-px border-b border-line-strong">
          {bars.map((bar) => (
            <div
              key={bar.from}
              title={`${range(bar)}: ${formatCount(bar.count)}`}
              className="flex h-full min-w-0 flex-1 flex-col items-center justify-end hover:bg-hover"
            >
              {bar.count > 0 && (
                <>
                  <span className="text-xs text-faint tabular-nums">{formatCount(bar.count)}</span>
                  <div
                    className="w-full rounded-t-sm"
                    style={{
                      height: `max(2px, ${((bar.count / most) * 100 * (HEIGHT - 18)) / HEIGHT}%)`,
                      background: 'var(--chart-1)',
                    }}
                  />
                </>
              )}
            </div>
          ))}
        </div>
        {marks.map(({ name, at }) => (
          <div
            key={name}
            className="pointer-events-none absolute inset-y-0 border-l border-dashed"
            style={{ left: `${at * 100}%`, borderColor: 'var(--chart-2)' }}
          >
            <span
              className="absolute top-0 bg-surface px-1 text-xs whitespace-nowrap text-dim"
              style={at > 0.8 ? { right: 0 } : { left: 0 }}
            >
              {name}
            </span>
          </div>
        ))}
      </div>
      <div aria-hidden="true" className="flex text-xs text-faint tabular-nums">
        {bars.map((bar, index) => (
          <span key={bar.from} className="min-w-0 flex-1 translate-x-1/2 truncate text-center">
            {bar.to === null || index === bars.length - 1 ? '' : formatDuration(bar.to)}
          </span>
        ))}
      </div>
      <table className="sr-only">
        <caption>{text.latency}</caption>
        <thead>
          <tr>
            <th scope="col">{text.figures.duration}</th>
            <th scope="col">{text.invocations}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.from}>
              <th scope="row">{range(bar)}</th>
              <td>{formatCount(bar.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

interface Mark {
  readonly name: string;
  /** From 0 to 1. */
  readonly at: number;
}

/** So near to each other, they have one name. */
const NEAR = 0.06;

/** What lies together is named together. */
export function marksOf(marks: readonly Mark[]): readonly Mark[] {
  const named: Mark[] = [];
  for (const mark of marks) {
    const last = named.at(-1);
    if (!last || mark.at - last.at > NEAR) named.push(mark);
    else named[named.length - 1] = { name: `${last.name}, ${mark.name}`, at: mark.at };
  }
  return named;
}
