import type { ReactNode } from 'react';
import { classes } from './classes.ts';

interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly hint?: string | undefined;
  readonly tone?: 'calm' | 'problem';
  readonly children?: ReactNode;
}

/** What stands where there is nothing to show, and why there is not. */
export function EmptyState({ icon, title, hint, tone = 'calm', children }: EmptyStateProps) {
  return (
    <div className="flex h-full min-h-40 flex-col items-center justify-center gap-2 p-6 text-center">
      <div className={classes('mb-1', tone === 'problem' ? 'text-danger' : 'text-faint')} aria-hidden="true">
        {icon}
      </div>
      <p className="font-semibold">{title}</p>
      {hint !== undefined && <p className="max-w-sm text-dim [overflow-wrap:anywhere]">{hint}</p>}
      {children !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

export function Spinner({ size = 16 }: { readonly size?: number }) {
  return (
    <svg className="animate-spin text-accent" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.500" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2" />
      <path d="M8 1.500a6.500 6.500 0 0 1 6.500 6.500" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}
