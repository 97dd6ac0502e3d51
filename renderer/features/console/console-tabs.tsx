import { Plus, SquareTerminal, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { Console } from '../../../shared/contract/consoles.ts';
import { useStrings } from '../../stores/page.ts';
import { IconButton } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';

/** Two of the same program are told apart by a number. */
export function tabTitles(consoles: readonly Console[]): ReadonlyMap<string, string> {
  const seen = new Map<string, number>();
  return new Map(
    consoles.map(({ id, title }) => {
      const count = (seen.get(title) ?? 0) + 1;
      seen.set(title, count);
      return [id, count === 1 ? title : `${title} ${count}`];
    }),
  );
}

interface ConsoleTabsProps {
  readonly consoles: readonly Console[];
  readonly active: Console;
  readonly canOpen: boolean;
  readonly onShow: (console: Console) => void;
  /** Shows it, and one goes on typing there. */
  readonly onEnter: (console: Console) => void;
  readonly onOpen: () => void;
  readonly onClose: (console: Console) => void;
}

export function ConsoleTabs({ consoles, active, canOpen, onShow, onEnter, onOpen, onClose }: ConsoleTabsProps) {
  const strings = useStrings();
  const titles = tabTitles(consoles);

  function onKeyDown(event: KeyboardEvent, index: number): void {
    const console = consoles[index];
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: consoles.length - 1 }[event.key];
    const target = next === undefined ? undefined : consoles[(next + consoles.length) % consoles.length];
    if (target) {
      onShow(target);
      document.getElementById(`tab-${target.id}`)?.focus();
    } else if (event.key === 'Delete' && console) onClose(console);
    else return;
    event.preventDefault();
  }

  return (
    <div className="flex h-8 shrink-0 items-center border-b border-line bg-raised pr-1">
      <div
        role="tablist"
        aria-label={strings.console.title}
        className="flex h-full min-w-0 overflow-x-auto [scrollbar-width:none]"
      >
        {consoles.map((console, index) => {
          const selected = console.id === active.id;
          const title = titles.get(console.id) ?? console.title;
          return (
            <button
              key={console.id}
              type="button"
              role="tab"
              id={`tab-${console.id}`}
              aria-selected={selected}
              aria-controls={selected ? `console-${console.id}` : undefined}
              tabIndex={selected ? 0 : -1}
              title={title}
              onClick={() => onEnter(console)}
              onKeyDown={(event) => onKeyDown(event, index)}
              onAuxClick={(event) => event.button === 1 && onClose(console)}
              className={classes(
                'group flex h-full max-w-48 shrink-0 items-center gap-1.5 border-r border-line pr-1 pl-2.5',
                selected ? 'bg-terminal text-text' : 'text-dim hover:bg-hover',
              )}
            >
              <SquareTerminal size={13} aria-hidden="true" className="shrink-0" />
              <span className={classes('truncate', console.exit !== null && 'line-through decoration-faint')}>
                {title}
              </span>
              {/* For the mouse; the keyboard has Delete and the button at the bar's end. */}
              <span
                aria-hidden="true"
                className={classes(
                  'rounded p-0.5 hover:bg-line-strong',
                  !selected && 'opacity-0 group-hover:opacity-100',
                )}
                onClick={(event) => {
                  event.stopPropagation();
                  onClose(console);
                }}
              >
                <X size={12} />
              </span>
            </button>
          );
        })}
      </div>
      <IconButton label={strings.console.new} disabled={!canOpen} className="mr-auto ml-1 !h-6 !w-6" onClick={onOpen}>
        <Plus size={14} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={strings.console.close(titles.get(active.id) ?? active.title)}
        className="!h-6 !w-6"
        onClick={() => onClose(active)}
      >
        <X size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}
