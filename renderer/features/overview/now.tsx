import { useSyncExternalStore } from 'react';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatCores,
  formatCount,
  formatInstructions,
} from '../../../shared/units.ts';
import type { Metric } from '../../lib/ring.ts';
import { usePage, useStrings } from '../../stores/page.ts';

/** The newest value of a metric, or null. */
function useNewest(id: string, metric: Metric): number | null {
  const { samples } = usePage();
  return useSyncExternalStore(samples.onTick, () => {
    const value = samples.ring(id)?.last(metric) ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  });
}

type Tile = readonly [label: string, values: readonly string[] | null, note?: string | undefined];

/** What a running sandbox uses at the moment. */
export function Now({ sandbox }: { readonly sandbox: Sandbox }) {
  const { stats, overview } = useStrings();
  const { id } = sandbox;
  const cpu = useNewest(id, 'cpuCores');
  const memory = useNewest(id, 'memoryBytes');
  const memoryLimit = useNewest(id, 'memoryLimitBytes');
  const processes = useNewest(id, 'pids');
  const received = useNewest(id, 'networkRxBytesPerSecond');
  const sent = useNewest(id, 'networkTxBytesPerSecond');
  const read = useNewest(id, 'diskReadBytesPerSecond');
  const written = useNewest(id, 'diskWriteBytesPerSecond');
  const linearMemory = useNewest(id, 'linearMemoryBytes');
  const fuel = useNewest(id, 'fuelPerSecond');
  const limits = sandbox.spec?.limits ?? {};
  const share = memory !== null && memoryLimit !== null && memoryLimit > 0 ? memory / memoryLimit : null;
  const pair = (a: number | null, b: number | null) =>
    a === null && b === null ? null : [`↓ ${formatBytesPerSecond(a ?? 0)}`, `↑ ${formatBytesPerSecond(b ?? 0)}`];
  const linearMemoryTile: Tile = [
    stats.linearMemory,
    linearMemory === null ? null : [formatBytes(linearMemory)],
    limits.memoryBytes === undefined ? undefined : stats.ofLimit(formatBytes(limits.memoryBytes)),
  ];
  const fuelTile: Tile = [stats.fuel, fuel === null ? null : [stats.perSecond(formatInstructions(fuel))]];
  const networkTile: Tile = [stats.network, pair(received, sent)];
  const tiles: readonly Tile[] = [
    [stats.cpu, cpu === null ? null : [formatCores(cpu)]],
    [
      stats.memory,
      memory === null ? null : [formatBytes(memory)],
      memoryLimit === null ? undefined : stats.ofLimit(formatBytes(memoryLimit)),
    ],
    [stats.processes, processes === null ? null : [formatCount(processes)]],
    // A module has no network.
    ...(sandbox.engine === 'wasm' ? [] : [networkTile]),
    [stats.disk, pair(read, written)],
    ...(sandbox.engine === 'wasm' ? [linearMemoryTile] : []),
    ...(sandbox.engine === 'wasm' && limits.fuel !== undefined ? [fuelTile] : []),
  ];
  return (
    <dl
      aria-label={overview.live}
      className="col-span-full grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-px overflow-hidden rounded-lg border border-line bg-line"
    >
      {tiles.map(([label, values, note]) => (
        <div key={label} className="min-w-0 bg-surface px-3 py-2">
          <dt className="text-xs text-faint">{label}</dt>
          <dd className="flex flex-wrap items-baseline gap-x-1.5 tabular-nums">
            {values?.map((value) => (
              <span key={value} className="font-semibold whitespace-nowrap">
                {value}
              </span>
            )) ?? (
              <span className="text-faint" title={stats.unmeasurable}>
                –
              </span>
            )}
            {note !== undefined && <span className="text-xs text-faint">{note}</span>}
          </dd>
          {label === stats.memory && share !== null && (
            <div aria-hidden="true" className="mt-1 h-1 rounded-full bg-line">
              <div
                className="h-full rounded-full"
                style={{
                  width: `${Math.min(100, share * 100)}%`,
                  background: share > 0.9 ? 'var(--state-error)' : 'var(--accent-fill)',
                }}
              />
            </div>
          )}
        </div>
      ))}
    </dl>
  );
}
