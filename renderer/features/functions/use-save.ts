import { useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { FunctionSettings, FunctionSpecInput } from '../../../shared/model/function.ts';
import { usePage } from '../../stores/page.ts';

export interface Saving {
  /** Null when it was not saved. */
  readonly save: (spec?: FunctionSpecInput, settings?: FunctionSettings) => Promise<ServerlessFunction | null>;
  readonly isSaving: boolean;
  readonly error: AppError | null;
  readonly forget: () => void;
}

export function useSave({ id }: ServerlessFunction, onSaved: (whole: ServerlessFunction) => void): Saving {
  const { connection } = usePage();
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  return {
    isSaving,
    error,
    forget: () => setError(null),
    async save(spec, settings) {
      setSaving(true);
      setError(null);
      try {
        const changes = { ...(spec && { spec }), ...(settings && { settings }) };
        const saved = await connection.client.functions.update({ id, ...changes });
        onSaved(saved);
        return saved;
      } catch (failure) {
        setError(toAppError(failure));
        return null;
      } finally {
        setSaving(false);
      }
    },
  };
}
