import { type KeyboardEvent, type ReactNode, useEffect, useId } from 'react';
import { classes } from './classes.ts';

interface TabsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly tabs: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  /** The panel of the tab that is shown. */
  readonly children: ReactNode;
}

/** Tabs after the pattern of the ARIA guide: one stop for Tab, arrow keys within. */
export function Tabs<T extends string>({ label, value, tabs, onChange, children }: TabsProps<T>) {
  const id = useId();

  // In a narrow pane it may lie beyond the edge, whichever way it was chosen.
  useEffect(() => {
    document.getElementById(`${id}-${value}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [id, value]);

  function onKeyDown(event: KeyboardEvent): void {
    const index = tabs.findIndex((tab) => tab.value === value);
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = next === undefined ? undefined : tabs[(next + tabs.length) % tabs.length];
    if (!tab) return;
    event.preventDefault();
    onChange(tab.value);
    document.getElementById(`${id}-${tab.value}`)?.focus();
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        role="tablist"
        data-pane="tabs"
        aria-label={label}
        className="flex h-9 shrink-0 gap-1 overflow-x-auto border-b border-line bg-surface px-2 [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={`${id}-panel`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
            onKeyDown={onKeyDown}
            className={classes(
              'relative shrink-0 rounded px-2.5 outline-offset-[-3px] after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 hover:text-text',
              tab.value === value ? 'text-text after:bg-accent' : 'text-dim',
            )}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        data-pane="panel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${value}`}
        className="relative min-h-0 flex-1 overflow-hidden"
      >
        {children}
      </div>
    </div>
  );
}
