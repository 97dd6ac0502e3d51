import { type FormEvent, useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import type { FunctionSpecInput } from '../../../shared/model/function.ts';
import { joinCommand, splitCommand } from '../../lib/command-line.ts';
import { useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { useSave } from './use-save.ts';

type Code = Extract<FunctionSpecInput['code'], { type: 'module' | 'command' }>;

interface OtherCodeProps {
  readonly whole: ServerlessFunction;
  readonly code: Code;
  readonly onSaved: (whole: ServerlessFunction) => void;
}

/** A module or a program: what it is, as it cannot be edited here. */
export function OtherCode({ whole, code, onSaved }: OtherCodeProps) {
  const strings = useStrings();
  const text = strings.functions;
  const saved = code.type === 'module' ? code.path : joinCommand(code.command);
  const [typed, setTyped] = useState(saved);
  const { save, isSaving, error } = useSave(whole, onSaved);
  const command = code.type === 'command' ? splitCommand(typed) : [];
  const problem =
    typed.trim() === '' ? strings.create.required : command === undefined ? strings.create.unclosedQuote : undefined;
  // The file of a module may be another one under the same name.
  const canSave = problem === undefined && !isSaving && (typed.trim() !== saved || code.type === 'module');

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (!canSave || !command) return;
    const next: Code =
      code.type === 'module' ? { ...code, path: typed.trim() } : { type: 'command', command: [...command] };
    void save({ ...whole.spec, code: next });
  }

  return (
    <form noValidate onSubmit={onSubmit} className="flex flex-col gap-3 overflow-y-auto p-3">
      <TextField
        label={text.languages[code.type]}
        value={typed}
        mono
        hint={code.type === 'module' ? text.moduleHint : text.commandHint}
        error={problem}
        onChange={setTyped}
      />
      {error && <ErrorNote message={error.message} hint={error.hint} />}
      <Button look="primary" type="submit" className="self-start" disabled={!canSave}>
        {code.type === 'module' ? text.takeModule : text.save}
      </Button>
    </form>
  );
}
