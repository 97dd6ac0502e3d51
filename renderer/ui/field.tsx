import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import { classes } from './classes.ts';

export const controlClass =
  'h-7 w-full min-w-0 rounded-md border border-control/70 bg-surface px-2 text-text aria-invalid:border-danger';

interface FieldProps {
  readonly label: string;
  /** A sign beside the label that is not part of its name. */
  readonly mark?: ReactNode;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly className?: string | undefined;
  readonly children: (ids: {
    readonly id: string;
    readonly describedBy: string | undefined;
    readonly invalid: boolean;
  }) => ReactNode;
}

/** A label, a control and what is wrong with it. */
export function Field({ label, mark, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={classes('flex min-w-0 flex-col gap-1', className)}>
      <span className="flex items-center gap-1">
        <label htmlFor={id} className="text-sm font-medium text-dim">
          {label}
        </label>
        {mark}
      </span>
      {children({ id, describedBy: note === undefined ? undefined : `${id}-note`, invalid: error !== undefined })}
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={classes('text-xs [overflow-wrap:anywhere]', error === undefined ? 'text-faint' : 'text-danger')}
        >
          {note}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  readonly label: string;
  readonly mark?: ReactNode;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly mono?: boolean;
  readonly fieldClassName?: string;
}

export function TextField({
  label,
  mark,
  value,
  onChange,
  hint,
  error,
  mono,
  fieldClassName,
  ...rest
}: TextFieldProps) {
  return (
    <Field label={label} mark={mark} hint={hint} error={error} className={fieldClassName}>
      {({ id, describedBy, invalid }) => (
        <input
          autoComplete="off"
          spellCheck={false}
          {...rest}
          id={id}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          onChange={(event) => onChange(event.target.value)}
          className={classes(controlClass, mono === true && 'font-mono text-sm')}
        />
      )}
    </Field>
  );
}

interface TextAreaProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly onChange: (value: string) => void;
}

/** For lists that are typed, an entry a line. */
export function TextArea({ label, value, placeholder, hint, error, onChange }: TextAreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          id={id}
          rows={3}
          spellCheck={false}
          placeholder={placeholder}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={classes(controlClass, '!h-auto py-1 font-mono text-sm')}
        />
      )}
    </Field>
  );
}

interface SelectProps<T extends string> extends Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value'> {
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly disabled?: boolean }[];
  readonly onChange: (value: T) => void;
}

/** The system's own select: it is accessible and fast, and needs no code of ours. */
export function Select<T extends string>({ value, options, onChange, className, ...rest }: SelectProps<T>) {
  return (
    <select
      {...rest}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value);
        if (chosen) onChange(chosen.value);
      }}
      className={classes(controlClass, 'pr-1', className)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hideLabel?: boolean;
  /** Some of what it stands for is chosen. */
  readonly mixed?: boolean;
}

export function Checkbox({ label, checked, onChange, hideLabel, mixed = false }: CheckboxProps) {
  return (
    <label className="inline-flex min-w-0 items-center gap-1.5">
      <input
        // HTML has no attribute for it. At every drawing, as a click takes it away.
        ref={(input) => {
          if (input) input.indeterminate = mixed && !checked;
        }}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-3.5 shrink-0 accent-accent-fill"
      />
      <span className={hideLabel === true ? 'sr-only' : 'text-dim'}>{label}</span>
    </label>
  );
}
