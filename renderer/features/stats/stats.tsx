import { useEffect, useMemo, useState } from 'react';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import {
  formatBytes,
  formatBytesPerSecond,
  formatCores,
  formatCount,
  formatInstructions,
} from '../../../shared/units.ts';
import { usePage, usePreference, useStrings } from '../../stores/page.ts';
import type { Strings } from '../../strings/en.ts';
import { Select } from '../../ui/field.tsx';
import { Chart, type ChartLine } from './chart.tsx';
import { byteIncrements, coreIncrements, countIncrements, instructionIncrements } from './chart-options.ts';
import { type LiveRing, startLiveRing } from './live-ring.ts';

interface ChartSpec {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly format: (value: number) => string;
  readonly increments: readonly number[];
  readonly leastTop: number;
}

const MIB = 1024 * 1024;
const noLimits: Limits = {};

function chartSpecs({ stats }: Strings, engine: EngineKind, limits: Limits): readonly ChartSpec[] {
  const one = '--chart-1';
  const two = '--chart-2';
  const network: ChartSpec = {
    title: stats.network,
    lines: [
      { label: stats.received, value: 'networkRxBytesPerSecond', color: one },
      { label: stats.sent, value: 'networkTxBytesPerSecond', color: two },
    ],
    format: formatBytesPerSecond,
    increments: byteIncrements,
    leastTop: 1024,
  };
  return [
    {
      title: stats.cpu,
      lines: [{ label: stats.used, value: 'cpuCores', color: one }, ...limitLine(stats, limits.cpuCores)],
      format: formatCores,
      increments: coreIncrements,
      leastTop: 0.1,
    },
    {
      title: stats.memory,
      lines: [
        { label: stats.used, value: 'memoryBytes', color: one },
        { label: stats.limit, value: 'memoryLimitBytes', color: '--state-error', dashed: true },
      ],
      format: formatBytes,
      increments: byteIncrements,
      leastTop: MIB,
    },
    // A module has no network.
    ...(engine === 'wasm' ? [] : [network]),
    {
      title: stats.disk,
      lines: [
        { label: stats.read, value: 'diskReadBytesPerSecond', color: one },
        { label: stats.written, value: 'diskWriteBytesPerSecond', color: two },
      ],
      format: formatBytesPerSecond,
      increments: byteIncrements,
      leastTop: 1024,
    },
    {
      title: stats.processes,
      lines: [{ label: stats.count, value: 'pids', color: one }],
      format: formatCount,
      increments: countIncrements,
      leastTop: 4,
    },
    ...(engine === 'wasm' ? wasmSpecs(stats, limits) : []),
  ];
}

function wasmSpecs(stats: Strings['stats'], { memoryBytes, fuel }: Limits): readonly ChartSpec[] {
  const linearMemory: ChartSpec = {
    title: stats.linearMemory,
    lines: [{ label: stats.used, value: 'linearMemoryBytes', color: '--chart-1' }, ...limitLine(stats, memoryBytes)],
    format: formatBytes,
    increments: byteIncrements,
    leastTop: MIB,
  };
  if (fuel === undefined) return [linearMemory];
  const perSecond: ChartSpec = {
    title: stats.fuel,
    lines: [{ label: stats.burned, value: 'fuelPerSecond', color: '--chart-1' }],
    format: (value) => stats.perSecond(formatInstructions(value)),
    increments: instructionIncrements,
    leastTop: 1000,
  };
  return [linearMemory, perSecond];
}

const limitLine = (stats: Strings['stats'], value: number | undefined): readonly ChartLine[] =>
  value === undefined ? [] : [{ label: stats.limit, value, color: '--state-error', dashed: true }];

export function Stats({ sandbox }: { readonly sandbox: Sandbox }) {
  const page = usePage();
  const strings = useStrings();
  const minutes = usePreference((state) => state.statsMinutes);
  const interval = usePreference((state) => state.statsInterval);
  // No sample has it: it is what was asked for, and an engine that cannot hold it has refused it.
  const limits = sandbox.spec?.limits ?? noLimits;
  const specs = useMemo(() => chartSpecs(strings, sandbox.engine, limits), [strings, sandbox.engine, limits]);
  const [live, setLive] = useState<LiveRing | null>(null);

  useEffect(() => {
    const started = startLiveRing(page, sandbox.id, Number(interval));
    setLive(started);
    return started.stop;
  }, [page, sandbox.id, interval]);

  const running = sandbox.state === 'running' || sandbox.state === 'paused';
  const { ranges, rates } = strings.stats;
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-3 border-b border-line bg-surface px-3 py-1.5">
        <span className="flex items-center gap-1.5 text-dim">
          {strings.stats.range}
          <Select
            aria-label={strings.stats.range}
            className="!w-24"
            value={minutes}
            options={(['1', '5', '15', '60'] as const).map((value) => ({ value, label: ranges[value] }))}
            onChange={(statsMinutes) => page.preferences.change({ statsMinutes })}
          />
        </span>
        <span className="flex items-center gap-1.5 text-dim">
          {strings.stats.rate}
          <Select
            aria-label={strings.stats.rate}
            className="!w-24"
            value={interval}
            options={(['100', '200', '500', '1000', '2000', '5000'] as const).map((value) => ({
              value,
              label: rates[value],
            }))}
            onChange={(statsInterval) => page.preferences.change({ statsInterval })}
          />
        </span>
        {!running && <span className="text-dim">{strings.stats.notRunning}</span>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
      <section tabIndex={0} aria-label={strings.detail.tabs.stats} className="min-h-0 flex-1 overflow-y-auto p-3">
        <div className="grid grid-cols-[repeat(auto-fit,minmax(min(26rem,100%),1fr))] gap-3">
          {live &&
            specs.map((spec) => <Chart key={spec.title} {...spec} live={live} rangeMs={Number(minutes) * 60_000} />)}
        </div>
      </section>
    </div>
  );
}
