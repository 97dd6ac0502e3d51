import type { Invocation } from '../../../shared/model/function.ts';
import { formatBytes, formatCount } from '../../../shared/units.ts';
import { useStrings } from '../../stores/page.ts';
import { formatMs } from './format-ms.ts';

/** What an invocation took. What the engine does not tell is left out. */
export function Figures({ invocation }: { readonly invocation: Invocation }) {
  const text = useStrings().functions;
  const { version, durationMs, queueMs, startMs, cold, cpuMs, peakMemoryBytes, fuelConsumed } = invocation;
  const figures: readonly (readonly [string, string | null])[] = [
    [text.figures.duration, formatMs(durationMs)],
    [text.figures.start, cold ? text.coldStart(formatMs(startMs)) : text.warm],
    [text.figures.queue, formatMs(queueMs)],
    [text.figures.cpu, cpuMs === null ? null : formatMs(cpuMs)],
    [text.figures.memory, peakMemoryBytes === null ? null : formatBytes(peakMemoryBytes)],
    [text.figures.fuel, fuelConsumed === null ? null : text.instructions(formatCount(fuelConsumed))],
    [text.figures.version, String(version)],
  ];
  return (
    <dl className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-x-3 gap-y-1.5">
      {figures.map(
        ([label, value]) =>
          value !== null && (
            <div key={label} className="min-w-0">
              <dt className="text-xs text-faint">{label}</dt>
              <dd className="tabular-nums [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
