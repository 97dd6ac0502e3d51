import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { classes } from './classes.ts';

const looks = {
  primary: 'bg-accent-fill text-on-accent border-transparent hover:not-disabled:bg-accent-hover',
  normal: 'bg-raised text-text border-line-strong hover:not-disabled:bg-hover',
  quiet: 'bg-transparent text-dim border-transparent hover:not-disabled:bg-hover hover:not-disabled:text-text',
  danger: 'bg-danger-fill text-on-accent border-transparent hover:not-disabled:bg-danger-hover',
  dangerQuiet: 'bg-transparent text-danger border-transparent hover:not-disabled:bg-danger-soft',
} as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof looks;
  readonly icon?: ReactNode;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'normal', icon, className, children, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={classes(
        'inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded-md border px-2.5 font-medium whitespace-nowrap',
        'transition-colors disabled:opacity-45',
        looks[look],
        className,
      )}
    >
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  /** Its accessible name and its tooltip. */
  readonly label: string;
  readonly children: ReactNode;
  /** Shown in the tooltip, e.g. `Ctrl+K`. */
  readonly keys?: string;
}

export function IconButton({ label, keys, look = 'quiet', className, children, ...rest }: IconButtonProps) {
  return (
    <Button
      {...rest}
      look={look}
      aria-label={label}
      title={keys === undefined ? label : `${label} (${keys})`}
      className={classes('w-7 !px-0', className)}
    >
      {children}
    </Button>
  );
}
