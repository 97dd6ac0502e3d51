import { useCallback, useEffect, useRef, useState } from 'react';
import type { ModuleInfo } from '../../../shared/contract/modules.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import { usePage } from '../../stores/page.ts';
import { uploadModule } from './upload-module.ts';

/** While somebody types, the host is not asked for every letter. */
const TYPING_MS = 300;

export interface ModuleState {
  /** What is known of the file at the form's path; null before, and while it is looked at. */
  readonly info: ModuleInfo | null;
  /** Why it could not be read, or did not come. */
  readonly error: AppError | null;
  /** What is being uploaded; `share` from 0 to 1. */
  readonly upload: { readonly name: string; readonly share: number } | null;
  readonly start: (file: File) => void;
  readonly cancel: () => void;
}

/** Looks at the module that is typed, and brings one that is chosen. `onUploaded` gets its path on the host. */
export function useModule(path: string, onUploaded: (path: string) => void): ModuleState {
  const { connection } = usePage();
  const [seen, setSeen] = useState<{ path: string; info: ModuleInfo | null; error: AppError | null } | null>(null);
  const [failed, setFailed] = useState<AppError | null>(null);
  const [upload, setUpload] = useState<ModuleState['upload']>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  useEffect(() => {
    setFailed(null);
    if (!path.startsWith('/')) return undefined;
    const stop = new AbortController();
    const look = () =>
      connection.client.modules.inspect({ path }, { signal: stop.signal }).then(
        (info) => setSeen({ path, info, error: null }),
        (error) => {
          if (!stop.signal.aborted) setSeen({ path, info: null, error: toAppError(error) });
        },
      );
    const timer = setTimeout(() => void look(), TYPING_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [connection, path]);

  const start = useCallback(
    (file: File) => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      setFailed(null);
      setUpload({ name: file.name, share: 0 });
      uploadModule(connection.client, file, stop.signal, (share) => setUpload({ name: file.name, share }))
        .then((done) => {
          if (stop.signal.aborted) return;
          setSeen({ path: done.path, info: done.info, error: null });
          onUploaded(done.path);
        })
        .catch((error) => {
          if (!stop.signal.aborted) setFailed(toAppError(error));
        })
        .finally(() => {
          if (running.current === stop) setUpload(null);
        });
    },
    [connection, onUploaded],
  );
  const cancel = useCallback(() => {
    running.current?.abort();
    setUpload(null);
  }, []);

  const current = seen?.path === path ? seen : null;
  return { info: current?.info ?? null, error: failed ?? current?.error ?? null, upload, start, cancel };
}
