import type { ReactNode } from 'react';

interface PartProps {
  readonly title: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A piece of an invocation under its title. */
export function Part({ title, actions, children }: PartProps) {
  return (
    <section aria-label={title} className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex min-h-7 items-center justify-between gap-2 border-b border-line pr-1 pl-2.5">
        <h4 className="min-w-0 truncate text-sm font-semibold text-dim">{title}</h4>
        {actions}
      </header>
      {children}
    </section>
  );
}
