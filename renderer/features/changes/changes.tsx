import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, FileCheck, FileX, RefreshCw, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { Change, ChangeList } from '../../../shared/contract/changes.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { showPath } from '../../lib/show-path.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Checkbox, controlClass } from '../../ui/field.tsx';
import { ChangeDiff } from './change-diff.tsx';
import { ChangeRow } from './change-row.tsx';
import { Failures } from './failures.tsx';
import { pathsOf, toggled, withAll } from './selection.ts';
import { type ChangesState, useChanges } from './use-changes.ts';

const ROW_HEIGHT = 28;

/** What a sandbox has written and is not in its folder yet: to be reviewed, applied or thrown away. */
export function Changes({ sandbox }: { readonly sandbox: Sandbox }) {
  const strings = useStrings();
  const state = useChanges(sandbox.id, sandbox.state);
  const { list, error } = state;
  if (error && list === null) {
    return (
      <EmptyState icon={<FileX size={32} />} title={error.message} hint={error.hint} tone="problem">
        <Button onClick={state.reload}>{strings.app.retry}</Button>
      </EmptyState>
    );
  }
  if (list === null) return <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      {error && (
        <div className="shrink-0 bg-surface px-3 pb-2">
          <ErrorNote message={error.message} hint={error.hint} />
        </div>
      )}
      {state.failed && <Failures outcome={state.failed} onDismiss={state.dismiss} />}
      <Listing sandbox={sandbox} list={list} state={state} />
    </div>
  );
}

interface ListingProps {
  readonly sandbox: Sandbox;
  readonly list: ChangeList;
  readonly state: ChangesState;
}

function Listing({ sandbox, list, state }: ListingProps) {
  const { actions } = usePage();
  const strings = useStrings();
  const text = strings.changes;
  const { changes, truncated } = list;
  const [search, setSearch] = useState('');
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);

  const needle = search.trim().toLowerCase();
  const shown = useMemo(
    () => (needle === '' ? changes : changes.filter(({ path }) => showPath(path).toLowerCase().includes(needle))),
    [changes, needle],
  );
  const known = useMemo(() => new Set(changes.map(({ path }) => path)), [changes]);
  // What is no change any more is not chosen any more.
  const chosen = useMemo(() => new Set([...marked].filter((path) => known.has(path))), [marked, known]);
  const open = changes.find(({ path }) => path === opened);
  const isLive = sandbox.state === 'running' || sandbox.state === 'paused';
  const busy = state.work !== null;
  const isSearched = needle !== '';
  const allShown = shown.length > 0 && shown.every(({ path }) => chosen.has(path));

  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const onToggle = useCallback((path: string) => setMarked((before) => toggled(before, path, changes)), [changes]);
  const onOpen = useCallback(({ path }: Change) => setOpened((before) => (before === path ? null : path)), []);

  /** Undefined: everything, also what is not in the list. Not so when all that is listed was chosen: nobody has seen the rest. */
  const meant = () => (chosen.size === 0 ? undefined : pathsOf(chosen));
  const count = chosen.size === 0 ? changes.length : chosen.size;
  const target = sandbox.spec?.source.type === 'directory' ? sandbox.spec.source.path : text.itsWorkspace;

  function forget(): void {
    setMarked(new Set());
    setOpened(null);
  }

  async function apply(): Promise<void> {
    const of = chosen.size === 0 ? changes : changes.filter(({ path }) => chosen.has(path));
    const question = {
      title: text.applyTitle(count, truncated && meant() === undefined),
      text: [text.applyText(target, tally(of)), text.overwrites(of.filter((each) => each.changedOutside).length)].join(
        ' ',
      ),
    };
    const { yes } = await actions.ask({ ...question, confirm: text.apply, danger: false });
    if (yes && (await state.apply(meant()))) forget();
  }

  async function discard(): Promise<void> {
    const title = text.discardTitle(count, truncated && meant() === undefined);
    const { yes } = await actions.ask({ title, text: text.discardText, confirm: text.discard, danger: true });
    if (yes && (await state.discard(meant()))) forget();
  }

  // While a search hides a part, "all" could be taken for what it shows.
  const [counted, applyLabel, discardLabel] =
    chosen.size > 0
      ? [text.chosen(chosen.size), text.applySome(chosen.size), text.discardSome(chosen.size)]
      : isSearched
        ? [
            text.found(shown.length, changes.length, truncated),
            text.applyAllOf(changes.length, truncated),
            text.discardAllOf(changes.length, truncated),
          ]
        : [text.count(changes.length, tally(changes), truncated), text.applyAll, text.discardAll];

  if (changes.length === 0) {
    return (
      <EmptyState
        icon={<FileCheck size={32} />}
        title={truncated ? text.unlisted : text.empty}
        hint={truncated ? text.unlistedHint : text.emptyHint(target)}
      >
        <Button icon={<RefreshCw size={14} aria-hidden="true" />} onClick={state.reload}>
          {text.reload}
        </Button>
      </EmptyState>
    );
  }
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-3 py-1.5">
        <Checkbox
          label={text.chooseAll}
          hideLabel
          checked={allShown}
          mixed={shown.some(({ path }) => chosen.has(path))}
          onChange={(all) =>
            setMarked((before) =>
              withAll(
                before,
                shown.map(({ path }) => path),
                all,
              ),
            )
          }
        />
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className={`${controlClass} !w-44`}
        />
        <span role="status" className="min-w-0 text-sm text-faint">
          {counted}
        </span>
        <span className="ml-auto flex items-center gap-1.5">
          {state.work === 'apply' ? (
            <>
              <Spinner size={14} />
              <span className="text-dim">{text.applying}</span>
              <Button onClick={state.cancel}>{strings.app.cancel}</Button>
            </>
          ) : (
            <>
              <IconButton label={text.reload} disabled={busy} onClick={state.reload}>
                <RefreshCw size={14} aria-hidden="true" />
              </IconButton>
              <Button
                look="dangerQuiet"
                icon={state.work ? <Spinner size={13} /> : <Trash2 size={14} aria-hidden="true" />}
                disabled={busy || isLive}
                onClick={() => void discard()}
              >
                {discardLabel}
              </Button>
              <Button
                look="primary"
                icon={<Check size={14} aria-hidden="true" />}
                disabled={busy || isLive}
                onClick={() => void apply()}
              >
                {applyLabel}
              </Button>
            </>
          )}
        </span>
      </div>
      {isLive && (
        <div className="flex items-center gap-3 border-b border-line bg-raised px-3 py-1 text-sm text-dim">
          <span className="min-w-0 flex-1">{text.isLive}</span>
          <Button onClick={() => void actions.run('stop', [sandbox.id])}>{strings.actions.stop}</Button>
        </div>
      )}
      {truncated && (
        <p className="border-b border-line bg-warn-soft px-3 py-1 text-sm">{text.truncated(changes.length)}</p>
      )}
      {shown.length === 0 ? (
        <EmptyState icon={<FileX size={32} />} title={text.noMatch} />
      ) : (
        <div
          ref={scroller}
          className="min-h-0 flex-1 overflow-auto"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          tabIndex={0}
        >
          <ul aria-label={text.title} className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => {
              const change = shown[item.index];
              if (!change) return null;
              return (
                <li
                  key={change.path}
                  aria-setsize={shown.length}
                  aria-posinset={item.index + 1}
                  className="absolute top-0 left-0 w-full"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <ChangeRow
                    change={change}
                    chosen={chosen.has(change.path)}
                    open={change.path === opened}
                    disabled={busy}
                    onToggle={onToggle}
                    onOpen={onOpen}
                  />
                </li>
              );
            })}
          </ul>
        </div>
      )}
      {open && (
        <ChangeDiff
          sandboxId={sandbox.id}
          change={open}
          version={`${sandbox.state} ${state.stamp}`}
          onClose={() => setOpened(null)}
        />
      )}
    </>
  );
}

function tally(changes: readonly Change[]): Readonly<Record<Change['kind'], number>> {
  const of = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).length;
  return { added: of('added'), modified: of('modified'), deleted: of('deleted') };
}
