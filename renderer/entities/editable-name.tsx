import { Pencil } from 'lucide-react';
import { useRef, useState } from 'react';
import { useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';
import { controlClass } from '../ui/field.tsx';

/** The name, and a field for another one. */
interface EditableNameProps {
  readonly name: string;
  /** Of the field. */
  readonly label: string;
  readonly maxLength: number;
  /** Rejects with what is wrong with the name. Null: it cannot be renamed. */
  readonly onRename: ((name: string) => Promise<void>) | null;
}

export function EditableName({ name, label, maxLength, onRename }: EditableNameProps) {
  const strings = useStrings();
  const [draft, setDraft] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const saving = useRef(false);

  function edit(text: string | null): void {
    setDraft(text);
    setError(null);
  }

  async function finish(): Promise<void> {
    const wanted = draft?.trim() ?? '';
    if (wanted === '' || wanted === name) return edit(null);
    // Enter and then the loss of the focus are one wish.
    if (saving.current) return;
    saving.current = true;
    try {
      await onRename?.(wanted);
      edit(null);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      saving.current = false;
    }
  }

  if (draft !== null) {
    return (
      <div className="max-w-96">
        <input
          // biome-ignore lint/a11y/noAutofocus: it appears because the user asked to type here.
          autoFocus
          aria-label={label}
          aria-invalid={error !== null || undefined}
          value={draft}
          maxLength={maxLength}
          onChange={(event) => edit(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={() => void finish()}
          onKeyDown={(event) => {
            if (event.key === 'Enter') void finish();
            if (event.key === 'Escape') edit(null);
          }}
          className={`${controlClass} !text-lg font-semibold`}
        />
        {error !== null && (
          <p role="alert" className="py-0.5 text-xs text-danger [overflow-wrap:anywhere]">
            {error}
          </p>
        )}
      </div>
    );
  }
  return (
    <div className="group flex h-7 min-w-0 items-center gap-1">
      <h2 className="truncate text-lg font-semibold" title={name}>
        {name}
      </h2>
      {onRename !== null && (
        <IconButton
          label={strings.actions.rename}
          className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
          onClick={() => edit(name)}
        >
          <Pencil size={13} aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
