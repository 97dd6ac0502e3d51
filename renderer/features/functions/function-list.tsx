import { Plus, SearchX, SquareFunction, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useFunctions, usePage, useStrings, useUi } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { controlClass } from '../../ui/field.tsx';
import { deleteFunction } from './delete-function.ts';
import { FunctionRow } from './function-row.tsx';
import { RowGrid } from './row-grid.tsx';

const ROW_HEIGHT = 48;

/** All functions by their names. */
export function FunctionList() {
  const page = usePage();
  const strings = useStrings();
  const text = strings.functions;
  const byId = useFunctions((state) => state.byId);
  const active = useUi((state) => state.activeFunction);
  const [filter, setFilter] = useState('');
  const ids = useMemo(() => {
    const needle = filter.trim().toLowerCase();
    return [...(byId?.values() ?? [])]
      .filter(({ name }) => name.toLowerCase().includes(needle))
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      .map(({ id }) => id);
  }, [byId, filter]);
  const create = () => page.ui.setState({ overlay: 'createFunction' });

  return (
    <section data-pane="list" aria-label={text.title} className="flex h-full min-h-0 flex-col bg-surface">
      <div className="flex gap-1.5 border-b border-line p-2">
        <div className="relative min-w-0 flex-1">
          <input
            id="function-filter"
            type="search"
            aria-label={text.filter}
            placeholder={text.filter}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setFilter('');
            }}
            className={`${controlClass} pr-7`}
          />
          {filter !== '' && (
            <IconButton
              label={strings.list.clearFilter}
              className="absolute top-0 right-0"
              onClick={() => setFilter('')}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          )}
        </div>
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={create}>
          {text.new}
        </Button>
      </div>
      {byId === null ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
      ) : byId.size === 0 ? (
        <EmptyState icon={<SquareFunction size={32} />} title={text.empty} />
      ) : ids.length === 0 ? (
        <EmptyState icon={<SearchX size={32} />} title={strings.list.noMatch} hint={text.hidden(byId.size)}>
          <Button onClick={() => setFilter('')}>{strings.list.clearFilter}</Button>
        </EmptyState>
      ) : (
        <RowGrid
          label={text.title}
          ids={ids}
          active={active}
          rowHeight={ROW_HEIGHT}
          rowName={(id) => byId.get(id)?.name ?? id}
          row={(id) => {
            const summary = byId.get(id);
            return summary && <FunctionRow summary={summary} />;
          }}
          onActive={(id) => page.ui.setState({ activeFunction: id })}
          onKey={({ key }) => {
            const current = active === null ? undefined : byId.get(active);
            if (key !== 'Delete' || !current) return false;
            void deleteFunction(page, current);
            return true;
          }}
        />
      )}
      {byId !== null && byId.size > 0 && (
        <p role="status" className="border-t border-line px-3 py-1 text-xs text-faint">
          {text.count(ids.length, byId.size)}
        </p>
      )}
    </section>
  );
}
