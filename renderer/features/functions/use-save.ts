import { useRef, useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { FunctionSettings, FunctionSpecInput } from '../../../shared/model/function.ts';
import { usePage } from '../../stores/page.ts';

export interface Saving {
  /** Null when it was not saved. */
  readonly save: (spec?: FunctionSpecInput, settings?: FunctionSettings) => Promise<ServerlessFunction | null>;
  readonly isSaving: boolean;
  /** Code may take long to load before it is kept. */
  readonly cancel: () => void;
  readonly error: AppError | null;
  readonly forget: () => void;
}

export function useSave({ id }: ServerlessFunction, onSaved: (whole: ServerlessFunction) => void): Saving {
  const { connection } = usePage();
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const running = useRef<AbortController | null>(null);
  return {
    isSaving,
    cancel: () => running.current?.abort(),
    error,
    forget: () => setError(null),
    async save(spec, settings) {
      const stop = new AbortController();
      running.current = stop;
      setSaving(true);
      setError(null);
      try {
        const changes = { ...(spec && { spec }), ...(settings && { settings }) };
        const saved = await connection.client.functions.update({ id, ...changes }, { signal: stop.signal });
        onSaved(saved);
        return saved;
      } catch (failure) {
        if (!stop.signal.aborted) setError(toAppError(failure));
        return null;
      } finally {
        setSaving(false);
      }
    },
  };
}
