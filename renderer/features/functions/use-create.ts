import { useEffect, useRef, useState } from 'react';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { FunctionSpecInput } from '../../../shared/model/function.ts';
import { usePage } from '../../stores/page.ts';

export interface Creating {
  readonly isBusy: boolean;
  readonly error: AppError | null;
  /** Makes it and shows its code. True: it was made. */
  readonly create: (name: string, spec: FunctionSpecInput, payload?: string) => Promise<boolean>;
  readonly forget: () => void;
  readonly cancel: () => void;
}

export function useCreate(): Creating {
  const { connection, functions, ui } = usePage();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const stop = useRef<AbortController | null>(null);
  // What is left cancels what it began.
  useEffect(() => () => stop.current?.abort(), []);
  return {
    isBusy,
    error,
    forget: () => setError(null),
    cancel: () => stop.current?.abort(),
    async create(name, spec, payload) {
      const current = new AbortController();
      stop.current = current;
      setBusy(true);
      setError(null);
      try {
        const { spec: _spec, ...summary } = await connection.client.functions.create(
          { name, spec },
          { signal: current.signal },
        );
        stop.current = null;
        if (payload !== undefined) functions.setPayload(summary.id, payload);
        // The watch brings it too; until then the detail would be empty.
        if (!functions.store.getState().byId?.has(summary.id)) functions.apply([{ type: 'upsert', function: summary }]);
        ui.setState({ place: 'functions', activeFunction: summary.id, functionTab: 'code' });
        return true;
      } catch (failure) {
        if (!current.signal.aborted) setError(toAppError(failure));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
