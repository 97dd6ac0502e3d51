import { CircleStop, Plus, RotateCcw, Search, SquareTerminal, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Console } from '../../../shared/contract/consoles.ts';
import { isAppError } from '../../../shared/model/app-error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { canAct } from '../../../shared/model/states.ts';
import { consolesOf } from '../../stores/consoles.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { FONT_SIZE } from '../../stores/preferences.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ConsoleTabs } from './console-tabs.tsx';
import { SearchBar } from './search-bar.tsx';
import type { TerminalView } from './terminal.ts';
import { TerminalMenu } from './terminal-menu.tsx';
import { terminalsOf } from './terminals.ts';

/** The consoles of one sandbox. */
export function Consoles({ sandbox }: { readonly sandbox: Sandbox }) {
  const page = usePage();
  const strings = useStrings();
  const { store } = page.consoles;
  const consoles = useStore(
    store,
    useShallow((state) => consolesOf(state, sandbox.id)),
  );
  const activeId = useStore(store, (state) => state.active.get(sandbox.id));
  const loaded = useStore(store, (state) => state.loaded);
  const [opening, setOpening] = useState(false);
  const measured = useRef<HTMLDivElement>(null);
  const active = consoles.find((console) => console.id === activeId) ?? consoles[0];
  const canOpen = canAct('console', sandbox.state);

  async function open(): Promise<void> {
    if (sandbox.foreign) {
      const yes = await page.actions.ask({
        title: strings.confirm.foreignTitle(strings.actions.console, sandbox.name),
        text: strings.confirm.foreignText,
        confirm: strings.actions.console,
        danger: false,
      });
      if (!yes) return;
    }
    setOpening(true);
    try {
      await page.consoles.open(sandbox, measured.current ? terminalsOf(page).measure(measured.current) : undefined);
    } catch (error) {
      page.toasts.error(error, strings.actions.failed.console);
    } finally {
      setOpening(false);
    }
  }

  async function restart(ended: Console): Promise<void> {
    await open();
    await close(ended);
  }

  async function close(console: Console): Promise<void> {
    const running = console.exit === null;
    if (
      running &&
      !(await page.actions.ask({
        title: strings.confirm.closeConsoleTitle,
        text: strings.confirm.closeConsoleText,
        confirm: strings.confirm.closeConsole,
        danger: true,
      }))
    ) {
      return;
    }
    try {
      await page.consoles.close(console.id);
    } catch (error) {
      if (isAppError(error, 'not_found')) page.consoles.forget(console.id);
      else page.toasts.error(error);
    }
  }

  return (
    <div className="relative flex h-full flex-col">
      {/* As large as a terminal will be: below the tabs, within its margins. */}
      <div ref={measured} aria-hidden="true" className="invisible absolute inset-x-0 top-8 bottom-0 m-1.5 mr-0" />
      {!loaded ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
      ) : active ? (
        <>
          <ConsoleTabs
            consoles={consoles}
            active={active}
            canOpen={canOpen && !opening}
            onShow={page.consoles.show}
            onOpen={() => void open()}
            onClose={(console) => void close(console)}
          />
          <TerminalPane
            key={active.id}
            console={active}
            onRestart={canOpen ? () => void restart(active) : undefined}
            onClose={() => void close(active)}
          />
        </>
      ) : (
        <EmptyState
          icon={<SquareTerminal size={32} />}
          title={canOpen ? strings.console.empty : strings.console.notRunning}
          hint={canOpen ? strings.console.emptyHint : strings.console.notRunningHint}
        >
          {canOpen && (
            <Button
              look="primary"
              disabled={opening}
              icon={opening ? <Spinner size={14} /> : <Plus size={14} aria-hidden="true" />}
              onClick={() => void open()}
            >
              {strings.console.new}
            </Button>
          )}
        </EmptyState>
      )}
    </div>
  );
}

interface TerminalPaneProps {
  readonly console: Console;
  readonly onRestart: (() => void) | undefined;
  readonly onClose: () => void;
}

function TerminalPane({ console, onRestart, onClose }: TerminalPaneProps) {
  const page = usePage();
  const strings = useStrings();
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<TerminalView | null>(null);
  const [searching, setSearching] = useState(false);
  const first = useRef(console);

  const fontSize = useCallback(
    (change: 'larger' | 'smaller' | 'normal') => {
      const { fontSize: now } = page.preferences.getState();
      const next = { larger: now + 1, smaller: now - 1, normal: FONT_SIZE.normal }[change];
      page.preferences.change({ fontSize: Math.min(FONT_SIZE.most, Math.max(FONT_SIZE.least, next)) });
    },
    [page],
  );

  useEffect(() => {
    if (!place.current) return;
    const shown = terminalsOf(page).show(first.current, place.current, {
      copy: () => {
        const text = shown.terminal.getSelection();
        if (text !== '') navigator.clipboard.writeText(text).catch(page.toasts.error);
      },
      find: () => setSearching(true),
      fontSize,
    });
    setView(shown);
    shown.terminal.focus();
    return shown.hide;
  }, [page, fontSize]);

  const closeSearch = useCallback(() => {
    setSearching(false);
    view?.search.clearDecorations();
    view?.terminal.focus();
  }, [view]);

  return (
    <div
      role="tabpanel"
      id={`console-${console.id}`}
      aria-label={console.title}
      className="relative flex min-h-0 flex-1 flex-col"
    >
      <TerminalMenu view={view} onFind={() => setSearching(true)} onFontSize={fontSize}>
        <div
          ref={place}
          className="relative m-1.5 mr-0 min-h-0 flex-1 [&_[data-bell]]:outline-2 [&_[data-bell]]:-outline-offset-2 [&_[data-bell]]:outline-accent"
        />
      </TerminalMenu>
      {searching && view && <SearchBar view={view} onClose={closeSearch} />}
      {!searching && (
        <IconButton
          label={strings.console.search}
          keys="Ctrl+Shift+F"
          look="normal"
          className="absolute top-2 right-5 z-10 opacity-0 focus-visible:opacity-100 [div:hover>&]:opacity-100"
          onClick={() => setSearching(true)}
        >
          <Search size={14} aria-hidden="true" />
        </IconButton>
      )}
      {console.exit !== null && (
        <div className="flex items-center gap-2 border-t border-line bg-raised px-3 py-1.5">
          <CircleStop size={14} className="text-faint" aria-hidden="true" />
          <span role="status" className="mr-auto text-dim">
            {strings.console.ended}
          </span>
          {onRestart && (
            <Button icon={<RotateCcw size={14} aria-hidden="true" />} onClick={onRestart}>
              {strings.console.restart}
            </Button>
          )}
          <Button look="quiet" icon={<X size={14} aria-hidden="true" />} onClick={onClose}>
            {strings.app.close}
          </Button>
        </div>
      )}
    </div>
  );
}
