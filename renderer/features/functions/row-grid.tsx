// biome-ignore-all lint/a11y/useSemanticElements: a virtualised grid cannot be a table; this is ARIA's grid pattern.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the row with aria-activedescendant.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { step } from '../../lib/step.ts';
import { classes } from '../../ui/classes.ts';

interface RowGridProps {
  readonly label: string;
  readonly ids: readonly string[];
  readonly active: string | null;
  readonly rowHeight: number;
  readonly rowName: (id: string) => string;
  readonly row: (id: string) => ReactNode;
  readonly onActive: (id: string) => void;
  /** Keys that do not move; true: it was used. */
  readonly onKey?: (event: KeyboardEvent) => boolean;
  /** The last rows are in sight. */
  readonly onEnd?: () => void;
}

/** A list of rows of which one is active, moved along with the arrow keys; only what is in sight is drawn. */
export function RowGrid({ label, ids, active, rowHeight, rowName, row, onActive, onKey, onEnd }: RowGridProps) {
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => ids[index] ?? index,
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const activeIndex = active === null ? -1 : ids.indexOf(active);
  const last = items.at(-1)?.index ?? -1;

  // The row that aria-activedescendant names must be there. Rows that come above it do not move the view.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another choice moves the view.
  useEffect(() => {
    if (activeIndex !== -1) virtualizer.scrollToIndex(activeIndex, { align: 'auto' });
  }, [active]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onEnd` is another one at each drawing.
  useEffect(() => {
    if (last >= ids.length - 1) onEnd?.();
  }, [last, ids.length]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? rowHeight) / rowHeight) - 1);
    const next = step(ids, active, event.key, page);
    if (next !== undefined) onActive(next);
    else if (onKey?.(event) !== true) return;
    event.preventDefault();
  }

  const isDrawn = items.some(({ index }) => index === activeIndex);
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={ids.length}
      aria-activedescendant={isDrawn ? `${prefix}-${active}` : undefined}
      onKeyDown={onKeyDown}
      className="min-h-0 flex-1 overflow-y-auto"
    >
      <div role="presentation" className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const id = ids[item.index];
          if (id === undefined) return null;
          return (
            <div
              key={item.key}
              role="presentation"
              className="absolute top-0 left-0 w-full"
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys. */}
              <div
                role="row"
                id={`${prefix}-${id}`}
                aria-label={rowName(id)}
                aria-rowindex={item.index + 1}
                aria-selected={id === active}
                onClick={() => onActive(id)}
                className={classes(
                  'flex h-full items-center border-l-2 px-3 select-none',
                  id === active ? 'border-accent bg-selected' : 'border-transparent hover:bg-hover',
                )}
              >
                {row(id)}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}
