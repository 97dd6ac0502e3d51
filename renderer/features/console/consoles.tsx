import { Plus, SquareTerminal } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Console } from '../../../shared/contract/consoles.ts';
import { isAppError } from '../../../shared/model/app-error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { canAct } from '../../../shared/model/states.ts';
import { consolesOf } from '../../stores/consoles.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ConsoleTabs } from './console-tabs.tsx';
import { TerminalPane } from './terminal-pane.tsx';
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
      const { yes } = await page.actions.ask({
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
      !(
        await page.actions.ask({
          title: strings.confirm.closeConsoleTitle,
          text: strings.confirm.closeConsoleText,
          confirm: strings.confirm.closeConsole,
          danger: true,
        })
      ).yes
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
            onEnter={(console) => {
              page.consoles.show(console);
              terminalsOf(page).focus(console);
            }}
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
