import { ChartColumn, FileX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type FunctionStatistics, type FunctionSummary, invocationOutcomes } from '../../../shared/model/function.ts';
import { formatAge, formatCount } from '../../../shared/units.ts';
import { useNow } from '../../entities/use-now.ts';
import { formatMoment } from '../../lib/moment.ts';
import { usePreference, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { Select } from '../../ui/field.tsx';
import { formatMs } from './format-ms.ts';
import { LatencyChart } from './latency-chart.tsx';
import { Part } from './part.tsx';
import { useLoaded } from './use-loaded.ts';
import { useSlowly } from './use-slowly.ts';
import { VersionSelect } from './version-select.tsx';

const periods = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, all: 31_536_000_000 } as const;
type Period = keyof typeof periods;
const LOOK_MS = 1000;

/** How often, how fast, how well; and what holds it in memory now. */
export function StatsTab({ summary }: { readonly summary: FunctionSummary }) {
  const strings = useStrings();
  const text = strings.functions;
  const { id } = summary;
  const [period, setPeriod] = useState<Period>('day');
  const [version, setVersion] = useState<number | null>(null);
  const at = useSlowly(summary.last?.at ?? 0, LOOK_MS);
  const { value, error, reload } = useLoaded(`${period} ${version} ${at}`, (client, signal) =>
    client.functions.statistics({ id, periodMs: periods[period], ...(version !== null && { version }) }, { signal }),
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-3 py-1.5">
        <Select
          aria-label={text.period}
          className="!w-36"
          value={period}
          options={(Object.keys(periods) as Period[]).map((each) => ({ value: each, label: text.periods[each] }))}
          onChange={setPeriod}
        />
        <VersionSelect newest={summary.version} value={version} onChange={setVersion} id={id} />
      </div>
      <div
        className="min-h-0 flex-1 overflow-y-auto p-3"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
      >
        <div className="flex flex-col gap-3">
          {error ? (
            <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
              <Button onClick={reload}>{strings.app.retry}</Button>
            </EmptyState>
          ) : value === null ? (
            <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
          ) : value.count === 0 ? (
            <EmptyState icon={<ChartColumn size={32} />} title={text.noHistory} hint={text.noStatsHint} />
          ) : (
            <Statistics statistics={value} />
          )}
          <Instances summary={summary} />
        </div>
      </div>
    </div>
  );
}

function Statistics({ statistics }: { readonly statistics: FunctionStatistics }) {
  const strings = useStrings();
  const text = strings.functions;
  const language = usePreference((state) => state.language);
  const { count, errors, cold, outcomes, total, from } = statistics;
  const share = (part: number) => `${formatCount(part)} (${((part / count) * 100).toFixed(part === 0 ? 0 : 1)} %)`;
  return (
    <>
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-3">
        <Tile label={text.invocations}>{formatCount(count)}</Tile>
        <Tile label={text.errors}>
          <span className={errors > 0 ? 'text-danger' : ''}>{share(errors)}</span>
        </Tile>
        <Tile label={text.coldStarts}>{share(cold)}</Tile>
        {(['p50', 'p90', 'p99'] as const).map((name) => (
          <Tile key={name} label={text.totalName(name)}>
            {total === null ? '–' : formatMs(total[name])}
          </Tile>
        ))}
      </dl>
      <p className="text-sm text-faint">
        {text.since(formatMoment(from, language))}{' '}
        {invocationOutcomes
          .filter((outcome) => (outcomes[outcome] ?? 0) > 0)
          .map((outcome) => `${text.outcomes[outcome]}: ${formatCount(outcomes[outcome] ?? 0)}`)
          .join(', ')}
      </p>
      <Part title={text.latency}>
        <div className="p-2.5">
          <LatencyChart statistics={statistics} />
        </div>
      </Part>
    </>
  );
}

function Tile({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="rounded-lg border border-line bg-surface px-2.5 py-1.5">
      <dt className="text-xs text-faint">{label}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}

/** What is there now, warm or at work. */
function Instances({ summary }: { readonly summary: FunctionSummary }) {
  const strings = useStrings();
  const text = strings.functions;
  const { id, running, queued, instances } = summary;
  const now = useNow();
  const key = useSlowly(`${running} ${queued} ${instances} ${summary.last?.at ?? 0}`, LOOK_MS);
  const { value } = useLoaded(key, (client, signal) => client.functions.instances({ id }, { signal }));
  const cell = 'px-2.5 py-1 text-left font-normal tabular-nums';
  return (
    <Part title={text.instances}>
      {value === null || value.length === 0 ? (
        <p className="px-2.5 py-2 text-faint">{text.noInstancesHint}</p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full text-sm whitespace-nowrap">
            <thead>
              <tr className="border-b border-line text-xs text-faint">
                {[text.state, text.figures.version, text.served, text.startedAt, text.process].map((title) => (
                  <th key={title} scope="col" className={cell}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {value.map((instance, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: an instance has no name before it has started.
                <tr key={index} className="border-b border-line last:border-0">
                  <td className={cell}>{text.instanceStates[instance.state]}</td>
                  <td className={cell}>{text.version(instance.version)}</td>
                  <td className={cell}>{formatCount(instance.served)}</td>
                  <td className={cell}>{formatAge(now - instance.startedAt)}</td>
                  <td className={cell}>{instance.pid ?? instance.sandboxId ?? '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Part>
  );
}
