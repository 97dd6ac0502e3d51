import { useEffect, useState } from 'react';
import type { ModuleInfo } from '../../../shared/contract/modules.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { ModuleSummary } from '../../entities/module-summary.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Section } from './section.tsx';

/** The module that a sandbox was made from. A rebuild may have taken another one. */
export function Module({ sandbox: { id, generation } }: { readonly sandbox: Sandbox }) {
  const { connection } = usePage();
  const strings = useStrings();
  const [info, setInfo] = useState<ModuleInfo | null>(null);
  const [error, setError] = useState<AppError | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another generation may have another module.
  useEffect(() => {
    const stop = new AbortController();
    connection.client.modules.of({ sandboxId: id }, { signal: stop.signal }).then(
      (answer) => {
        setInfo(answer.info);
        setError(null);
      },
      (failure) => {
        if (!stop.signal.aborted) setError(toAppError(failure));
      },
    );
    return () => stop.abort();
  }, [connection, id, generation]);

  return (
    <Section title={strings.modules.title}>
      {error && <ErrorNote message={error.message} hint={error.hint} />}
      {!error && (info ? <ModuleSummary info={info} /> : <Spinner size={14} />)}
    </Section>
  );
}
