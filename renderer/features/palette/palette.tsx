import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { usePage, useStrings } from '../../stores/page.ts';
import { classes } from '../../ui/classes.ts';
import { type Command, findCommands, listCommands } from './commands.ts';

/** More than anybody looks through. */
const MOST_SHOWN = 60;

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const page = usePage();
  const strings = useStrings();
  const id = useId();
  const [text, setText] = useState('');
  const [index, setIndex] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  // What can be done is settled when it opens: a list that moves under the finger does the wrong thing.
  const all = useMemo(() => listCommands(page), [page]);
  const commands = useMemo(() => findCommands(all, text, MOST_SHOWN), [all, text]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `index` and `commands` decide which one is marked.
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [index, commands]);

  function run(command: Command | undefined): void {
    if (!command) return;
    onClose();
    command.run();
  }

  function onKeyDown(event: KeyboardEvent): void {
    const last = commands.length - 1;
    if (event.key === 'Enter') run(commands[index]);
    else if (event.key === 'ArrowDown') setIndex(index >= last ? 0 : index + 1);
    else if (event.key === 'ArrowUp') setIndex(index <= 0 ? last : index - 1);
    else if (event.key === 'PageDown') setIndex(Math.min(last, index + 8));
    else if (event.key === 'PageUp') setIndex(Math.max(0, index - 8));
    else return;
    event.preventDefault();
  }

  return (
    <BaseDialog.Root open onOpenChange={(open) => !open && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-[var(--backdrop)]" />
        <BaseDialog.Popup
          aria-label={strings.palette.title}
          className="fixed top-[10vh] left-1/2 z-50 flex max-h-[70vh] w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-line-strong bg-surface shadow-pop outline-none"
        >
          <div className="flex items-center gap-2.5 border-b border-line px-3.5">
            <Search size={16} className="shrink-0 text-faint" aria-hidden="true" />
            <input
              role="combobox"
              aria-label={strings.palette.placeholder}
              aria-expanded="true"
              aria-controls={`${id}-list`}
              aria-activedescendant={commands[index] ? `${id}-${index}` : undefined}
              placeholder={strings.palette.placeholder}
              value={text}
              spellCheck={false}
              onChange={(event) => {
                setText(event.target.value);
                setIndex(0);
              }}
              onKeyDown={onKeyDown}
              className="h-11 min-w-0 flex-1 bg-transparent outline-none"
            />
          </div>
          <div
            ref={list}
            role="listbox"
            id={`${id}-list`}
            tabIndex={-1}
            aria-label={strings.palette.title}
            className="min-h-0 overflow-y-auto p-1.5"
          >
            {commands.map((command, position) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the text field has the focus and names the option.
              // biome-ignore lint/a11y/useKeyWithClickEvents: the text field handles the keys.
              <div
                key={command.id}
                role="option"
                id={`${id}-${position}`}
                aria-selected={position === index}
                onClick={() => run(command)}
                onMouseMove={() => setIndex(position)}
                className={classes(
                  'flex h-8 items-center justify-between gap-3 rounded-md px-2.5',
                  position === index && 'bg-selected',
                )}
              >
                <span className="truncate" title={command.label}>
                  {command.label}
                </span>
                {commands[position - 1]?.group !== command.group && (
                  <span className="shrink-0 text-xs text-faint">{command.group}</span>
                )}
              </div>
            ))}
          </div>
          {commands.length === 0 && <p className="p-4 text-center text-faint">{strings.palette.none}</p>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
