import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight, ChevronsDownUp, ChevronsUpDown, FileX, RefreshCw } from 'lucide-react';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { controlClass } from '../../ui/field.tsx';
import { branchPaths, type Json, leafText, searchTree, type TreeRow, treeRows } from './tree.ts';

const ROW_HEIGHT = 20;

/** The engine's own description, as a tree. */
export function Inspect({ sandbox }: { readonly sandbox: Sandbox }) {
  const { connection } = usePage();
  const strings = useStrings();
  const [data, setData] = useState<Json | undefined>(undefined);
  const [error, setError] = useState<AppError | null>(null);
  const [stamp, setStamp] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another state is another description, and `stamp` asks again.
  useEffect(() => {
    const stop = new AbortController();
    connection.client.sandboxes
      .inspect({ id: sandbox.id }, { signal: stop.signal })
      .then((json) => {
        setData(json);
        setError(null);
      })
      .catch((failure) => {
        if (!stop.signal.aborted) setError(toAppError(failure));
      });
    return () => stop.abort();
  }, [connection, sandbox.id, sandbox.state, stamp]);

  if (error) {
    return (
      <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
        <Button onClick={() => setStamp(stamp + 1)}>{strings.app.retry}</Button>
      </EmptyState>
    );
  }
  if (data === undefined) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  return <Tree data={data} onReload={() => setStamp(stamp + 1)} />;
}

function Tree({ data, onReload }: { readonly data: Json; readonly onReload: () => void }) {
  const text = useStrings().inspect;
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(branchPaths(data, 1)));
  const [search, setSearch] = useState('');
  const [active, setActive] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const hits = useMemo(() => searchTree(data, search), [data, search]);
  const found = useMemo(() => new Set(hits.found), [hits]);
  const rows = useMemo(
    () => treeRows(data, search === '' ? opened : new Set([...opened, ...hits.open])),
    [data, opened, search, hits],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.path ?? index,
    overscan: 20,
  });
  const activeIndex = Math.max(
    0,
    rows.findIndex((row) => row.path === active),
  );

  function goTo(index: number): void {
    const row = rows[index];
    if (!row) return;
    setActive(row.path);
    virtualizer.scrollToIndex(index, { align: 'auto' });
  }

  function toggle(path: string, open = !opened.has(path)): void {
    const next = new Set(opened);
    if (open) next.add(path);
    else next.delete(path);
    setOpened(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[activeIndex];
    if (!row) return;
    const isOpen = opened.has(row.path);
    if (event.key === 'ArrowDown') goTo(activeIndex + 1);
    else if (event.key === 'ArrowUp') goTo(activeIndex - 1);
    else if (event.key === 'Home') goTo(0);
    else if (event.key === 'End') goTo(rows.length - 1);
    else if (event.key === 'ArrowRight' && row.children !== null) isOpen ? goTo(activeIndex + 1) : toggle(row.path);
    else if (event.key === 'ArrowLeft') {
      if (row.children !== null && isOpen) toggle(row.path);
      else goTo(rows.findIndex((other) => other.path === row.path.slice(0, row.path.lastIndexOf('/'))));
    } else if ((event.key === 'Enter' || event.key === ' ') && row.children !== null) toggle(row.path);
    else return;
    event.preventDefault();
  }

  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-1 border-b border-line bg-surface px-3 py-1.5">
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            const first = rows.findIndex((row, index) => index > activeIndex && found.has(row.path));
            if (event.key === 'Enter') goTo(first === -1 ? rows.findIndex((row) => found.has(row.path)) : first);
          }}
          className={`${controlClass} !w-60`}
        />
        <span role="status" className="px-1.5 text-sm text-dim">
          {search === '' ? '' : text.matches(hits.found.length)}
        </span>
        <span className="ml-auto flex gap-0.5">
          <IconButton label={text.expandAll} onClick={() => setOpened(new Set(branchPaths(data)))}>
            <ChevronsUpDown size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label={text.collapseAll} onClick={() => setOpened(new Set(['']))}>
            <ChevronsDownUp size={14} aria-hidden="true" />
          </IconButton>
          <IconButton label={text.reload} onClick={onReload}>
            <RefreshCw size={14} aria-hidden="true" />
          </IconButton>
          <CopyButton label={text.copy} text={() => JSON.stringify(data, null, 2)} />
        </span>
      </div>
      <div
        ref={scroller}
        role="tree"
        tabIndex={0}
        aria-label={text.tree}
        aria-activedescendant={`inspect-${activeIndex}`}
        onKeyDown={onKeyDown}
        className="min-h-0 flex-1 overflow-auto bg-bg py-1"
      >
        <div role="presentation" className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <Row
                key={item.key}
                row={row}
                id={`inspect-${item.index}`}
                top={item.start}
                open={row.children !== null && (opened.has(row.path) || rows[item.index + 1]?.depth === row.depth + 1)}
                active={item.index === activeIndex}
                found={found.has(row.path)}
                onPress={() => {
                  setActive(row.path);
                  if (row.children !== null) toggle(row.path);
                }}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: TreeRow;
  readonly id: string;
  readonly top: number;
  readonly open: boolean;
  readonly active: boolean;
  readonly found: boolean;
  readonly onPress: () => void;
}

const leafColor = { string: 'text-ok', number: 'text-accent', boolean: 'text-warn', object: 'text-faint' } as const;

function Row({ row, id, top, open, active, found, onPress }: RowProps) {
  const text = useStrings().inspect;
  const { value, children, key, depth } = row;
  const type = typeof value;
  const leaf = children === null ? leafText(value) : '';
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row with aria-activedescendant.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys.
    <div
      role="treeitem"
      id={id}
      aria-level={depth + 1}
      aria-expanded={children === null ? undefined : open}
      aria-selected={active}
      onClick={onPress}
      className={classes(
        'absolute top-0 left-0 flex min-w-full items-center gap-1 pr-3 font-mono text-sm whitespace-pre',
        active ? 'bg-selected' : 'hover:bg-hover',
      )}
      style={{ height: ROW_HEIGHT, transform: `translateY(${top}px)`, paddingLeft: 8 + depth * 16 }}
    >
      <ChevronRight
        size={13}
        aria-hidden="true"
        className={classes('shrink-0 text-faint', children === null && 'invisible', open && 'rotate-90')}
      />
      {key !== null && <span className={found ? 'bg-mark' : 'text-dim'}>{key}:</span>}
      {children === null ? (
        <span
          title={leaf}
          className={classes(
            leafColor[type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'],
            found && 'bg-mark !text-text',
          )}
        >
          {leaf}
        </span>
      ) : (
        <span className="text-faint">
          {Array.isArray(value) ? '[' : '{'} {text.items(children)} {Array.isArray(value) ? ']' : '}'}
        </span>
      )}
    </div>
  );
}
