import { detailTabs } from '../stores/detail-tabs.ts';
import { functionTabs } from '../stores/function-tabs.ts';
import { sandboxShown, type UiState, type UiStore } from '../stores/ui.ts';

type Where = Pick<UiState, 'place' | 'active' | 'tab' | 'activeFunction' | 'functionTab'>;

/** Browsers slow down or refuse pages that write their history with every repeat of an arrow key. */
const BETWEEN_MS = 500;

/** What the address names: `#/sbx_…/console`, `#/functions`, `#/fun_…/code`. */
export function readPlace(hash: string): Partial<UiState> | null {
  if (hash === '#/functions') return { place: 'functions', activeFunction: null };
  const [, id = '', name] = /^#\/((?:sbx|fun)_[a-z0-9]+)\/([a-z]+)$/.exec(hash) ?? [];
  if (id.startsWith('fun_')) {
    const functionTab = functionTabs.find((known) => known === name);
    return functionTab ? { place: 'functions', activeFunction: id, functionTab } : null;
  }
  const tab = detailTabs.find((known) => known === name);
  return tab ? { ...sandboxShown(id), tab } : null;
}

export function writePlace({ place, active, tab, activeFunction, functionTab }: Where): string {
  if (place === 'functions') return activeFunction === null ? '#/functions' : `#/${activeFunction}/${functionTab}`;
  return active === null ? '' : `#/${active}/${tab}`;
}

const named = (where: Where) => [where.place, where.active, where.tab, where.activeFunction, where.functionTab];

/**
 * Keeps in the address which sandbox or function is looked at, and how: a reload comes back to it, and back and
 * forward go through what was looked at. Returns how to stop.
 */
export function followAddress(ui: UiStore): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const go = () => {
    clearTimeout(timer);
    timer = undefined;
    const nothing = { place: 'sandboxes', active: null, selected: new Set<string>(), anchor: null } as const;
    ui.setState(readPlace(location.hash) ?? nothing);
  };
  const write = (how: 'pushState' | 'replaceState', where: Where = ui.getState()) => {
    clearTimeout(timer);
    timer = undefined;
    const hash = writePlace(where);
    if (hash === location.hash) return;
    last = performance.now();
    history[how](null, '', `${location.pathname}${location.search}${hash}`);
  };
  const unsubscribe = ui.subscribe((now, before) => {
    const was = named(before);
    if (named(now).every((part, index) => part === was[index])) return;
    // Another place is never only passed by: back must find the one that was left as it was left.
    if (now.place !== before.place) {
      if (timer !== undefined) write('replaceState', before);
      return write('pushState');
    }
    if (timer !== undefined) return;
    const wait = last + BETWEEN_MS - performance.now();
    // One step of the history for all that is only passed by.
    if (wait > 0) timer = setTimeout(() => write('replaceState'), wait);
    else write('pushState');
  });

  if (readPlace(location.hash)) go();
  window.addEventListener('popstate', go);
  return () => {
    clearTimeout(timer);
    unsubscribe();
    window.removeEventListener('popstate', go);
  };
}
