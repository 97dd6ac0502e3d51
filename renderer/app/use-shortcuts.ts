import { useEffect } from 'react';
import { tabsOf } from '../stores/detail-tabs.ts';
import { functionTabs } from '../stores/function-tabs.ts';
import { type Page, usePage } from '../stores/page.ts';
import { focusedPane, focusPane, stepPane } from './panes.ts';

const isIn = (target: EventTarget | null, selector: string) =>
  target instanceof HTMLElement && target.closest(selector) !== null;

/** Ctrl/Cmd+K, but in a terminal, where shells have a use for it; Ctrl/Cmd+Shift+P and F1 there too. */
function isForPalette(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  const key = event.key.toLowerCase();
  if (altKey) return false;
  if (key === 'f1') return !ctrlKey && !metaKey && !shiftKey;
  if (key === 'p') return shiftKey && (ctrlKey || metaKey);
  return key === 'k' && !shiftKey && (metaKey || (ctrlKey && !isIn(event.target, '.xterm')));
}

/** The tab that stands there: not every sandbox has all of them, and functions have their own. */
function showTab({ ui, sandboxes, host }: Page, number: number): void {
  const { place, active, activeFunction, tab: shown, functionTab: shownOfFunction } = ui.getState();
  let isShown: boolean;
  if (place === 'functions') {
    const functionTab = functionTabs[number - 1];
    if (functionTab === undefined || activeFunction === null) return;
    isShown = functionTab === shownOfFunction;
    ui.setState({ functionTab });
  } else {
    const current = sandboxes.getState().byId?.get(active ?? '');
    const tab = current && tabsOf(current, host.getState().engines)[number - 1];
    if (tab === undefined) return;
    isShown = tab === shown;
    ui.setState({ tab });
  }
  // Who walks through the list looks at one tab of many.
  if (focusedPane() === 'list') return;
  if (isShown) {
    focusPane('panel');
    return;
  }
  // Given up first: a terminal that comes takes the focus when nobody has it.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) focusPane('tabs');
  });
}

/** Shortcuts that work everywhere, but not over an open dialog. */
export function useShortcuts(): void {
  const page = usePage();
  const { ui } = page;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const { overlay, question } = ui.getState();
      const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
      if (question !== null) return;
      if (isForPalette(event)) {
        if (overlay === null) ui.setState({ overlay: 'palette' });
        else if (overlay === 'palette') ui.setState({ overlay: null });
      } else if (overlay !== null) {
        return;
      } else if (event.altKey && !command && !event.shiftKey && digit !== undefined) {
        showTab(page, Number(digit));
      } else if (event.key === 'F6' && !command && !event.altKey) {
        stepPane(event.shiftKey ? -1 : 1);
      } else if (command || event.altKey || isIn(event.target, 'input, textarea, select, [contenteditable]')) {
        return;
      } else if (event.key === '?') {
        ui.setState({ overlay: 'help' });
      } else if (event.key === 'n') {
        ui.setState({ overlay: ui.getState().place === 'functions' ? 'createFunction' : 'create' });
      } else if (event.key === 's') {
        ui.setState({ place: 'sandboxes' });
      } else if (event.key === 'f') {
        ui.setState({ place: 'functions' });
      } else if (event.key === '/') {
        document.getElementById(ui.getState().place === 'functions' ? 'function-filter' : 'list-filter')?.focus();
      } else {
        return;
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [page, ui]);
}
