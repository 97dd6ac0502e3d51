// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { FileX, History } from 'lucide-react';
import { useState } from 'react';
import type { FunctionSummary, Invocation } from '../../../shared/model/function.ts';
import { formatMoment } from '../../lib/moment.ts';
import { usePreference, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Select } from '../../ui/field.tsx';
import { formatMs } from './format-ms.ts';
import { HistoryDetail } from './history-detail.tsx';
import { OutcomeIcon, outcomeText } from './outcome.tsx';
import { RowGrid } from './row-grid.tsx';
import { useHistory } from './use-history.ts';
import { useSlowly } from './use-slowly.ts';
import { VersionSelect } from './version-select.tsx';

const ROW_HEIGHT = 28;
const columns = 'grid w-full grid-cols-[minmax(0,1fr)_4.5rem_3.5rem_3.5rem_10.5rem] items-center gap-2 text-sm';
/** Newer ones are looked for no more often. */
const LOOK_MS = 500;

/** What was invoked, newest first; one of them with its input and output. */
export function HistoryTab({ summary }: { readonly summary: FunctionSummary }) {
  const strings = useStrings();
  const text = strings.functions;
  const language = usePreference((state) => state.language);
  const [onlyErrors, setOnlyErrors] = useState(false);
  const [version, setVersion] = useState<number | null>(null);
  const [active, setActive] = useState<string | null>(null);
  const changed = useSlowly(`${summary.last?.at} ${summary.running}`, LOOK_MS);
  const { invocations, error, hasMore, loadMore, reload } = useHistory(summary.id, { onlyErrors, version }, changed);
  const byId = new Map((invocations ?? []).map((each) => [each.id, each]));
  const isFiltered = onlyErrors || version !== null;
  const open = active !== null && byId.has(active) ? active : null;

  const row = ({ at, outcome, cold, version: of, durationMs, totalMs }: Invocation) => (
    <>
      <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
        <OutcomeIcon type={outcome.type} />
        <span
          className={outcome.type === 'returned' ? 'truncate text-dim' : 'truncate'}
          title={outcomeText(outcome, strings)}
        >
          {outcomeText(outcome, strings)}
        </span>
      </span>
      <span role="gridcell" className="text-right tabular-nums" title={text.totalOf(formatMs(totalMs))}>
        {formatMs(durationMs)}
      </span>
      <span role="gridcell" className="text-faint">
        {cold ? text.cold : text.warm}
      </span>
      <span role="gridcell" className="text-faint tabular-nums">
        {text.version(of)}
      </span>
      <span role="gridcell" className="truncate text-right text-faint tabular-nums">
        {formatMoment(at, language)}
      </span>
    </>
  );

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-3 py-1.5">
        <Select
          aria-label={text.outcome}
          className="!w-36"
          value={onlyErrors ? 'errors' : 'all'}
          options={[
            { value: 'all', label: text.allOutcomes },
            { value: 'errors', label: text.onlyErrors },
          ]}
          onChange={(value) => setOnlyErrors(value === 'errors')}
        />
        <VersionSelect newest={summary.version} value={version} onChange={setVersion} id={summary.id} />
        <span role="status" className="ml-auto text-sm text-faint">
          {invocations && text.countInvocations(invocations.length, hasMore)}
        </span>
      </div>
      {error && invocations !== null && (
        <div className="shrink-0 bg-surface px-3 pb-2">
          <ErrorNote message={error.message} hint={error.hint} />
        </div>
      )}
      {error && invocations === null ? (
        <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
          <Button onClick={reload}>{strings.app.retry}</Button>
        </EmptyState>
      ) : invocations === null ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
      ) : invocations.length === 0 ? (
        <EmptyState
          icon={<History size={32} />}
          title={isFiltered ? text.noMatch : text.noHistory}
          hint={isFiltered ? undefined : text.noHistoryHint}
        />
      ) : (
        <div className="flex min-h-0 flex-1 flex-col overflow-x-auto">
          <div className="flex min-h-0 min-w-[34rem] flex-1 flex-col">
            <div aria-hidden="true" className="shrink-0 border-b border-line bg-raised py-0.5 pr-3 pl-3.5">
              <div className={`${columns} !text-xs text-faint`}>
                <span>{text.outcome}</span>
                <span className="text-right">{text.figures.duration}</span>
                <span>{text.figures.start}</span>
                <span>{text.figures.version}</span>
                <span className="text-right">{text.time}</span>
              </div>
            </div>
            <RowGrid
              label={text.tabs.history}
              ids={invocations.map(({ id }) => id)}
              active={open}
              rowHeight={ROW_HEIGHT}
              rowName={(id) => nameOf(byId.get(id), strings, language)}
              row={(id) => {
                const found = byId.get(id);
                return found && <div className={columns}>{row(found)}</div>;
              }}
              onActive={setActive}
              onKey={({ key }) => {
                if (key !== 'Escape' || active === null) return false;
                setActive(null);
                return true;
              }}
              {...(hasMore && { onEnd: loadMore })}
            />
          </div>
        </div>
      )}
      {open !== null && <HistoryDetail key={open} id={open} summary={summary} onClose={() => setActive(null)} />}
    </div>
  );
}

function nameOf(invocation: Invocation | undefined, strings: ReturnType<typeof useStrings>, language: string): string {
  if (!invocation) return '';
  const { outcome, durationMs, at } = invocation;
  return `${outcomeText(outcome, strings)}, ${formatMs(durationMs)}, ${formatMoment(at, language)}`;
}
