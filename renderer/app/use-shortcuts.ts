import { useEffect } from 'react';
import { usePage } from '../stores/page.ts';
import { detailTabs } from '../stores/ui.ts';

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** Shortcuts that work everywhere, but not over an open dialog. */
export function useShortcuts(): void {
  const { ui } = usePage();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      const { overlay, question } = ui.getState();
      if (question !== null) return;
      if (command && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        ui.setState({ overlay: overlay === 'palette' ? null : 'palette' });
      } else if (overlay !== null) {
        return;
      } else if (event.altKey && !command && /^[1-9]$/.test(event.key)) {
        const tab = detailTabs[Number(event.key) - 1];
        if (tab === undefined) return;
        ui.setState({ tab });
      } else if (command || event.altKey || isTyping(event.target)) {
        return;
      } else if (event.key === '?') {
        ui.setState({ overlay: 'help' });
      } else if (event.key === 'n') {
        ui.setState({ overlay: 'create' });
      } else if (event.key === '/') {
        document.getElementById('list-filter')?.focus();
      } else {
        return;
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [ui]);
}
