import { type DetailTab, detailTabs } from '../stores/detail-tabs.ts';
import type { UiStore } from '../stores/ui.ts';

/** What the address names: `#/sbx_…/console`. */
export interface Place {
  readonly active: string;
  readonly tab: DetailTab;
}

/** Browsers slow down or refuse pages that write their history with every repeat of an arrow key. */
const BETWEEN_MS = 500;

export function readPlace(hash: string): Place | null {
  const [, active, name] = /^#\/(sbx_[a-z0-9]+)\/([a-z]+)$/.exec(hash) ?? [];
  const tab = detailTabs.find((known) => known === name);
  return active === undefined || tab === undefined ? null : { active, tab };
}

export function writePlace({ active, tab }: { readonly active: string | null; readonly tab: DetailTab }): string {
  return active === null ? '' : `#/${active}/${tab}`;
}

/**
 * Keeps in the address which sandbox is looked at, and how: a reload comes back to it, and back and
 * forward go through what was looked at. Returns how to stop.
 */
export function followAddress(ui: UiStore): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const go = () => {
    const place = readPlace(location.hash);
    const active = place?.active ?? null;
    ui.setState({ active, selected: new Set(active === null ? [] : [active]), anchor: active });
    if (place) ui.setState({ tab: place.tab });
  };
  const write = (how: 'pushState' | 'replaceState') => {
    clearTimeout(timer);
    timer = undefined;
    const hash = writePlace(ui.getState());
    if (hash === location.hash) return;
    last = performance.now();
    history[how](null, '', `${location.pathname}${location.search}${hash}`);
  };
  const unsubscribe = ui.subscribe((now, before) => {
    if (now.active === before.active && now.tab === before.tab) return;
    const wait = last + BETWEEN_MS - performance.now();
    if (timer !== undefined) return;
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
