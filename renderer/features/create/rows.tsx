import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { controlClass } from '../../ui/field.tsx';

let lastKey = 0;
/** Rows keep their identity while others come and go. */
const newKey = () => ++lastKey;

interface RowsProps<T extends { readonly key: number }> {
  readonly title: string;
  readonly add: string;
  readonly rows: readonly T[];
  readonly error: string | undefined;
  readonly onChange: (rows: readonly T[]) => void;
  readonly make: (key: number) => T;
  readonly children: (row: T, index: number, change: (part: Partial<T>) => void) => ReactNode;
}

/** A list of rows to which one can add. */
export function Rows<T extends { readonly key: number }>({
  title,
  add,
  rows,
  error,
  onChange,
  make,
  children,
}: RowsProps<T>) {
  const strings = useStrings();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium text-dim">{title}</legend>
      <div className="flex flex-col gap-1.5">
        {rows.map((row, index) => (
          <div key={row.key} className="flex items-start gap-1.5">
            {children(row, index, (part) =>
              onChange(rows.map((other) => (other.key === row.key ? { ...other, ...part } : other))),
            )}
            <IconButton
              label={strings.create.remove(`${title} ${index + 1}`)}
              onClick={() => onChange(rows.filter((other) => other.key !== row.key))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
        {error !== undefined && <p className="text-xs text-danger">{error}</p>}
        <Button
          look="quiet"
          className="self-start"
          icon={<Plus size={13} aria-hidden="true" />}
          onClick={() => onChange([...rows, make(newKey())])}
        >
          {add}
        </Button>
      </div>
    </fieldset>
  );
}

interface CellProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

export function Cell({ label, value, placeholder, error, onChange }: CellProps) {
  return (
    <div className="min-w-0 flex-1">
      <input
        aria-label={label}
        aria-invalid={error === undefined ? undefined : true}
        value={value}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className={`${controlClass} font-mono text-sm`}
      />
      {error !== undefined && <p className="pt-0.5 text-xs text-danger">{error}</p>}
    </div>
  );
}
