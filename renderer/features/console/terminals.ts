import type { Console } from '../../../shared/contract/consoles.ts';
import type { Page } from '../../stores/page.ts';
import { type ShortcutHandlers, terminalKeys } from './keys.ts';
import { startSession } from './session.ts';
import { createTerminalView, measureTerminal, type TerminalLook, type TerminalView } from './terminal.ts';

/** Terminals that are kept alive. One that is dropped comes back with the host's replay. */
const MOST_ALIVE = 24;

declare global {
  interface Window {
    /** For the benchmark, and only when it asked for it. */
    terrariumBench?: { readonly terminal: TerminalView['terminal'] };
  }
}

interface Entry {
  readonly view: TerminalView;
  readonly end: () => void;
}

/** The terminals of the page. They live outside of React, so that none is lost when its tab is left. */
export interface Terminals {
  readonly show: (console: Console, place: HTMLElement, keys: ShortcutHandlers) => TerminalView;
  /** Gives the keyboard to a terminal that is shown. */
  readonly focus: (console: Console) => void;
  /** The size that a terminal in this place will have. */
  readonly measure: (place: HTMLElement) => { readonly cols: number; readonly rows: number };
}

function currentLook(page: Page): TerminalLook {
  const { fontSize, screenReader } = page.preferences.getState();
  return { dark: document.documentElement.dataset.theme === 'dark', fontSize, screenReader };
}

function createTerminals(page: Page): Terminals {
  const entries = new Map<string, Entry>();

  function drop(id: string): void {
    const entry = entries.get(id);
    entries.delete(id);
    entry?.end();
    entry?.view.dispose();
  }

  page.consoles.store.subscribe(({ byId }) => {
    for (const id of [...entries.keys()]) if (!byId.has(id)) drop(id);
  });
  const onLook = () => {
    const look = currentLook(page);
    for (const { view } of entries.values()) view.setLook(look);
  };
  page.preferences.subscribe(onLook);
  new MutationObserver(onLook).observe(document.documentElement, { attributeFilter: ['data-theme'] });

  function enter(console: Console): Entry {
    const view = createTerminalView(currentLook(page));
    const entry: Entry = { view, end: startSession(page, console, view) };
    const oldest = [...entries].find(([, { view: other }]) => !other.isShown());
    if (entries.size >= MOST_ALIVE && oldest) drop(oldest[0]);
    return entry;
  }

  return {
    focus: ({ id }) => entries.get(id)?.view.terminal.focus(),
    measure: (place) => measureTerminal(currentLook(page), place),
    show: (console, place, keys) => {
      const entry = entries.get(console.id) ?? enter(console);
      // The youngest is the last in the map: what was not seen for longest goes first.
      entries.delete(console.id);
      entries.set(console.id, entry);
      for (const { view } of entries.values()) if (view !== entry.view && view.isShown()) view.hide();
      entry.view.terminal.attachCustomKeyEventHandler((event) => terminalKeys(event, keys));
      entry.view.show(place);
      if (localStorage.getItem('terrarium.bench') === '1') window.terrariumBench = { terminal: entry.view.terminal };
      return entry.view;
    },
  };
}

const byPage = new WeakMap<Page, Terminals>();

export function terminalsOf(page: Page): Terminals {
  const known = byPage.get(page) ?? createTerminals(page);
  byPage.set(page, known);
  return known;
}
