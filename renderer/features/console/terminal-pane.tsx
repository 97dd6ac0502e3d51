import { CircleStop, RotateCcw, Search, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Console } from '../../../shared/contract/consoles.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { FONT_SIZE } from '../../stores/preferences.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SearchBar } from './search-bar.tsx';
import type { TerminalView } from './terminal.ts';
import { TerminalMenu } from './terminal-menu.tsx';
import { terminalsOf } from './terminals.ts';

interface TerminalPaneProps {
  readonly console: Console;
  readonly onRestart: (() => void) | undefined;
  readonly onClose: () => void;
}

/** Not from who walks with the arrow keys, through the list or along the tabs. */
function mayTakeFocus(from: Element | null): boolean {
  if (from === null) return true;
  return from.getAttribute('role') !== 'grid' && !from.matches('[role="tab"]:focus-visible');
}

/** One terminal, its search and what is offered when its program has ended. */
export function TerminalPane({ console, onRestart, onClose }: TerminalPaneProps) {
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
    if (mayTakeFocus(document.activeElement)) shown.terminal.focus();
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
      className="relative flex min-h-0 flex-1 flex-col bg-terminal"
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
