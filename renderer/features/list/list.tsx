import { Inbox, Plus, SearchX, X } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { sandboxStates } from '../../../shared/model/states.ts';
import { ActionButtons } from '../../entities/action-buttons.tsx';
import { useHost, usePage, usePreference, useSandboxes, useStrings, useUi } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { controlClass, Select } from '../../ui/field.tsx';
import { arrange, enginesToChoose, type Filter, isFiltering, noFilter } from './arrange.ts';
import { Grid } from './grid.tsx';

export function List() {
  const { ui } = usePage();
  const strings = useStrings();
  const byId = useSandboxes((state) => state.byId);
  const groupBy = usePreference((state) => state.groupBy);
  const [filter, setFilter] = useState(noFilter);
  const rows = useMemo(() => arrange(byId?.values() ?? [], filter, groupBy), [byId, filter, groupBy]);
  const shown = rows.filter((row) => row.type === 'sandbox').length;

  // What is hidden must not be acted on: it leaves the selection.
  useEffect(() => {
    if (byId === null) return; // nothing is hidden: it is not there yet
    const ids = new Set(rows.flatMap((row) => (row.type === 'sandbox' ? row.sandbox.id : [])));
    ui.setState((state) =>
      [...state.selected].every((id) => ids.has(id))
        ? state
        : { selected: new Set([...state.selected].filter((id) => ids.has(id))) },
    );
  }, [byId, rows, ui]);

  return (
    <section data-pane="list" aria-label={strings.list.title} className="flex h-full min-h-0 flex-col bg-surface">
      <Filters filter={filter} onChange={setFilter} />
      {byId === null ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.list.loading} />
      ) : byId.size === 0 ? (
        <EmptyState icon={<Inbox size={32} />} title={strings.list.empty} hint={strings.list.emptyHint}>
          <Button
            look="primary"
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => ui.setState({ overlay: 'create' })}
          >
            {strings.list.createFirst}
          </Button>
        </EmptyState>
      ) : shown === 0 ? (
        <EmptyState
          icon={<SearchX size={32} />}
          title={strings.list.noMatch}
          hint={strings.list.noMatchHint(byId.size)}
        >
          <Button onClick={() => setFilter(noFilter)}>{strings.list.clearFilter}</Button>
        </EmptyState>
      ) : (
        <Grid rows={rows} />
      )}
      <SelectionBar />
      {byId !== null && byId.size > 0 && (
        <p role="status" className="border-t border-line px-3 py-1 text-xs text-faint">
          {strings.list.count(shown, byId.size)}
        </p>
      )}
    </section>
  );
}

function Filters({ filter, onChange }: { readonly filter: Filter; readonly onChange: (filter: Filter) => void }) {
  const { preferences } = usePage();
  const strings = useStrings();
  const groupBy = usePreference((state) => state.groupBy);
  const reports = useHost((state) => state.engines);
  const byId = useSandboxes((state) => state.byId);
  const engines = enginesToChoose(reports ?? [], byId?.values() ?? [], filter.engine);
  const all = { value: 'all' as const, label: strings.list.all };
  return (
    <div className="flex flex-col gap-1.5 border-b border-line p-2">
      <div className="relative">
        <input
          id="list-filter"
          type="search"
          aria-label={strings.list.filter}
          placeholder={strings.list.filter}
          value={filter.text}
          onChange={(event) => onChange({ ...filter, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') document.getElementById('sandbox-grid')?.focus();
            if (event.key === 'Escape') onChange({ ...filter, text: '' });
          }}
          className={`${controlClass} pr-7`}
        />
        {isFiltering(filter) && (
          <IconButton
            label={strings.list.clearFilter}
            className="absolute top-0 right-0"
            onClick={() => onChange(noFilter)}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      <div className="grid grid-cols-3 gap-1.5">
        <Select
          aria-label={strings.list.filterEngine}
          title={strings.list.filterEngine}
          value={filter.engine}
          options={[
            { ...all, label: `${strings.list.filterEngine}: ${strings.list.all}` },
            ...engines.map((kind) => ({ value: kind, label: strings.engines.names[kind] })),
          ]}
          onChange={(engine) => onChange({ ...filter, engine })}
          className="text-sm"
        />
        <Select
          aria-label={strings.list.filterState}
          title={strings.list.filterState}
          value={filter.state}
          options={[
            { ...all, label: `${strings.list.filterState}: ${strings.list.all}` },
            ...sandboxStates.map((state) => ({ value: state, label: strings.states[state] })),
          ]}
          onChange={(state) => onChange({ ...filter, state })}
          className="text-sm"
        />
        <Select
          aria-label={strings.list.groupBy}
          title={strings.list.groupBy}
          value={groupBy}
          options={(['none', 'engine', 'state'] as const).map((value) => ({
            value,
            label: strings.list.groups[value],
          }))}
          onChange={(value) => preferences.change({ groupBy: value })}
          className="text-sm"
        />
      </div>
    </div>
  );
}

/** What can be done with several at once. */
function SelectionBar() {
  const { ui } = usePage();
  const strings = useStrings();
  const selected = useUi((state) => state.selected);
  const byId = useSandboxes((state) => state.byId);
  if (selected.size < 2) return null;
  const sandboxes = [...selected].flatMap((id) => byId?.get(id) ?? []);
  return (
    <div
      role="toolbar"
      aria-label={strings.list.selected(selected.size)}
      className="@container flex flex-wrap items-center gap-1 border-t border-line bg-raised px-2 py-1"
    >
      <span className="pl-1 font-medium">{strings.list.selected(selected.size)}</span>
      <IconButton
        label={strings.list.clearSelection}
        className="mr-auto"
        onClick={() => ui.setState(({ active }) => ({ selected: new Set(active === null ? [] : [active]) }))}
      >
        <X size={14} aria-hidden="true" />
      </IconButton>
      <ActionButtons sandboxes={sandboxes} labels="always" />
    </div>
  );
}
