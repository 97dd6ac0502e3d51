// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useMemo, useRef } from 'react';
import { step } from '../../lib/step.ts';
import { usePage, useStrings, useUi } from '../../stores/page.ts';
import type { Row } from './arrange.ts';
import { SandboxRow } from './row.tsx';
import { select } from './selection.ts';

const ROW_HEIGHT = 48;
const GROUP_HEIGHT = 28;

const rowKey = (row: Row) => (row.type === 'group' ? `group-${row.key}` : row.sandbox.id);

export function Grid({ rows }: { readonly rows: readonly Row[] }) {
  const page = usePage();
  const strings = useStrings();
  const active = useUi((state) => state.active);
  const selected = useUi((state) => state.selected);
  const scroller = useRef<HTMLDivElement>(null);
  const ids = useMemo(() => rows.flatMap((row) => (row.type === 'sandbox' ? row.sandbox.id : [])), [rows]);
  const latestIds = useRef(ids);
  latestIds.current = ids;

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.type === 'group' ? GROUP_HEIGHT : ROW_HEIGHT),
    getItemKey: (index) => {
      const row = rows[index];
      return row ? rowKey(row) : index;
    },
    overscan: 8,
  });

  const activeIndex = rows.findIndex((row) => row.type === 'sandbox' && row.sandbox.id === active);
  // The row that aria-activedescendant names must be there.
  useEffect(() => {
    if (activeIndex !== -1) virtualizer.scrollToIndex(activeIndex, { align: 'auto' });
  }, [activeIndex, virtualizer]);

  const onPress = useCallback(
    (id: string, event: MouseEvent) => {
      page.ui.setState((before) =>
        select(before, latestIds.current, id, { toggle: event.ctrlKey || event.metaKey, range: event.shiftKey }),
      );
    },
    [page],
  );

  function onKeyDown(event: KeyboardEvent): void {
    const { ui, actions } = page;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === 'a') {
      ui.setState({ selected: new Set(ids) });
    } else if (event.key === 'Escape') {
      ui.setState(({ active: now }) => ({ selected: new Set(now === null ? [] : [now]) }));
    } else if (event.key === 'Delete') {
      void actions.run('destroy', selected);
    } else if (event.key === ' ' && active !== null) {
      ui.setState((before) => select(before, ids, active, { toggle: true, range: false }));
    } else {
      const pageSize = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW_HEIGHT) / ROW_HEIGHT) - 1);
      const next = command ? undefined : step(ids, active, event.key, pageSize);
      if (next === undefined) return;
      ui.setState((before) => select(before, ids, next, { toggle: false, range: event.shiftKey }));
    }
    event.preventDefault();
  }

  return (
    <div
      ref={scroller}
      role="grid"
      id="sandbox-grid"
      tabIndex={0}
      aria-label={strings.list.title}
      aria-multiselectable="true"
      aria-rowcount={rows.length}
      aria-activedescendant={activeIndex === -1 ? undefined : `row-${active}`}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <div
              key={item.key}
              role="presentation"
              className="absolute top-0 left-0 w-full"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {row.type === 'group' ? (
                <GroupRow row={row} rowIndex={item.index + 1} />
              ) : (
                <SandboxRow
                  sandbox={row.sandbox}
                  rowId={`row-${row.sandbox.id}`}
                  rowIndex={item.index + 1}
                  selected={selected.has(row.sandbox.id)}
                  active={row.sandbox.id === active}
                  onPress={onPress}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function GroupRow({ row, rowIndex }: { readonly row: Extract<Row, { type: 'group' }>; readonly rowIndex: number }) {
  const strings = useStrings();
  const names: Readonly<Record<string, string>> = { ...strings.engines.names, ...strings.states };
  const name = names[row.key] ?? row.key;
  const label = strings.list.group(name, row.count);
  return (
    <div
      role="row"
      aria-label={label}
      aria-rowindex={rowIndex}
      className="flex h-full items-center border-y border-line bg-raised px-3 text-xs font-semibold text-dim"
    >
      <div role="gridcell" title={label} className="flex gap-2">
        <span>{name}</span>
        <span className="font-normal text-faint">{row.count}</span>
      </div>
    </div>
  );
}
