import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useDark } from '../../entities/use-dark.ts';
import type { Metric } from '../../lib/ring.ts';
import { usePreference, useStrings } from '../../stores/page.ts';
import { type ChartSeries, chartOptions } from './chart-options.ts';
import type { LiveRing } from './live-ring.ts';
import { isMeasured, toColumns } from './series.ts';

const HEIGHT = 160;

export interface ChartLine extends ChartSeries {
  /** What is measured, or a value that stays. */
  readonly value: Metric | number;
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  readonly increments: readonly number[];
  readonly leastTop: number;
  readonly live: LiveRing;
  readonly rangeMs: number;
}

type State = 'waiting' | 'unmeasurable' | 'drawn';

/** One chart. uPlot draws on a canvas outside of React; the figures beside the title are what is pointed at, or now. */
export function Chart({ title, lines, format, increments, leastTop, live, rangeMs }: ChartProps) {
  const strings = useStrings();
  const language = usePreference((state) => state.language);
  const dark = useDark();
  const place = useRef<HTMLDivElement>(null);
  const range = useRef(rangeMs);
  range.current = rangeMs;
  const [state, setState] = useState<State>('waiting');
  /** Index into the drawn columns; null when nothing is pointed at. */
  const [figures, setFigures] = useState<{ readonly at: number | null; readonly values: readonly (number | null)[] }>({
    at: null,
    values: [],
  });
  const redraw = useRef<() => void>(() => undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes the tokens that the options read.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const values = lines.map((line) => line.value);
    let frame = 0;

    const readFigures = (chart: uPlot) => {
      const [times = [], ...columns] = chart.data;
      const pointed = chart.cursor.idx ?? null;
      const index = pointed ?? times.length - 1;
      setFigures({
        at: pointed === null ? null : (times[pointed] ?? null),
        values: columns.map((column) => column[index] ?? null),
      });
    };
    const chart = new uPlot(
      chartOptions({
        series: lines,
        format,
        increments,
        leastTop,
        rangeMs: () => range.current,
        language,
        onCursor: readFigures,
        size: { width: Math.max(element.clientWidth, 100), height: HEIGHT },
      }),
      [[], ...lines.map(() => [])],
      element,
    );
    const draw = () => {
      frame = 0;
      chart.setData(toColumns(live.ring, values, Date.now() - range.current));
      readFigures(chart);
      setState(live.ring.size() === 0 ? 'waiting' : isMeasured(live.ring, values) ? 'drawn' : 'unmeasurable');
    };
    const request = () => {
      frame ||= requestAnimationFrame(draw);
    };
    redraw.current = request;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) chart.setSize({ width: Math.max(entry.contentRect.width, 100), height: HEIGHT });
    });
    observer.observe(element);
    const stopListening = live.onChange(request);
    request();
    return () => {
      stopListening();
      observer.disconnect();
      cancelAnimationFrame(frame);
      chart.destroy();
    };
  }, [live, lines, format, increments, leastTop, language, dark]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another range is another picture.
  useEffect(() => redraw.current(), [rangeMs]);

  const shown = lines.map((line, index) => ({ ...line, value: figures.values[index] ?? null }));
  const main = shown[0]?.value ?? null;
  return (
    <section className="min-w-0 rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-baseline gap-x-3 px-3 pt-2">
        <h3 className="font-semibold">{title}</h3>
        <span className="ml-auto flex flex-wrap gap-x-3 text-sm text-dim tabular-nums">
          {figures.at !== null && (
            <time>{new Date(figures.at * 1000).toLocaleTimeString(language, { hourCycle: 'h23' })}</time>
          )}
          {state === 'drawn' &&
            shown.map(({ label, color, value }) => (
              <span key={label} className="flex items-center gap-1">
                <span aria-hidden="true" className="h-0.5 w-2.5" style={{ background: `var(${color})` }} />
                {label}
                <span className="font-medium text-text">{value === null ? '–' : format(value)}</span>
              </span>
            ))}
        </span>
      </header>
      <div className="relative p-1">
        <div
          ref={place}
          role="img"
          aria-label={strings.stats.chart(title, main === null ? strings.stats.unmeasurable : format(main))}
          className={state === 'drawn' ? '' : 'invisible'}
          style={{ height: HEIGHT }}
        />
        {state !== 'drawn' && (
          <div className="absolute inset-0 flex flex-col items-center justify-center p-4 text-center text-faint">
            {state === 'waiting' ? (
              strings.stats.waiting
            ) : (
              <>
                <span className="font-medium text-dim">{strings.stats.unmeasurable}</span>
                <span className="text-sm">{strings.stats.unmeasurableHint}</span>
              </>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
