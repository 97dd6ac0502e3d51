import { Check } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import type { SettingsState } from '../../../shared/contract/settings.ts';
import { type AppError, toAppError } from '../../../shared/model/app-error.ts';
import { defaultConfig, type PortRange } from '../../../shared/model/config.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { TextField } from '../../ui/field.tsx';
import { checkRange, rangeText } from './port-range.ts';

/** What the host keeps, for every page: how one likes the page itself is in the menu. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const { connection } = usePage();
  const strings = useStrings();
  const [saved, setSaved] = useState<SettingsState | null>(null);
  const [error, setError] = useState<AppError | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    connection.client.settings
      .get({}, { signal: stop.signal })
      .then(setSaved)
      .catch((failure) => {
        if (!stop.signal.aborted) setError(toAppError(failure));
      });
    return () => stop.abort();
  }, [connection]);

  async function save(portRange: PortRange): Promise<void> {
    setError(null);
    try {
      setSaved(await connection.client.settings.set({ changes: { ports: portRange } }));
    } catch (failure) {
      setError(toAppError(failure));
    }
  }

  return (
    <Dialog title={strings.settings.title} closeLabel={strings.app.close} onClose={onClose} className="max-w-md">
      <div className="min-h-0 overflow-y-auto p-4">
        {saved ? (
          <>
            <PortRangeForm saved={saved.config.ports} onSave={save} />
            <ConfigFile state={saved} />
          </>
        ) : (
          error === null && <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
        )}
        {error && <ErrorNote message={error.message} hint={error.hint} />}
      </div>
    </Dialog>
  );
}

/** Where all of it stands, and what is wrong there. */
function ConfigFile({ state: { path, problem } }: { readonly state: SettingsState }) {
  const text = useStrings().settings;
  return (
    <section className="mt-4 border-t border-line pt-3">
      <h3 className="font-semibold">{text.file}</h3>
      <p className="mt-1 text-dim">{text.fileHint}</p>
      <p className="mt-1.5 flex items-center gap-1.5">
        <code className="min-w-0 [overflow-wrap:anywhere]">{path}</code>
        <CopyButton text={() => path} label={text.copyPath} />
      </p>
      {problem && (
        <ErrorNote
          message={[problem.line === null ? '' : text.line(problem.line), problem.key ?? '', problem.message]
            .filter((part) => part !== '')
            .join(': ')}
          hint={text.problemHint}
        />
      )}
    </section>
  );
}

interface PortRangeFormProps {
  readonly saved: PortRange;
  readonly onSave: (range: PortRange) => Promise<void>;
}

function PortRangeForm({ saved, onSave }: PortRangeFormProps) {
  const strings = useStrings();
  const text = strings.settings;
  const [draft, setDraft] = useState(() => rangeText(saved));
  const [status, setStatus] = useState<'untouched' | 'saving' | 'done'>('untouched');
  const { range, problems } = checkRange(draft, strings);
  const changed = range === null || range.first !== saved.first || range.last !== saved.last;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (range === null || status === 'saving') return;
    setStatus('saving');
    await onSave(range);
    setStatus('done');
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend className="font-semibold">{text.portRange}</legend>
        <p className="mt-1 mb-3 text-dim">{text.portRangeHint(defaultConfig.ports.first, defaultConfig.ports.last)}</p>
        <div className="grid grid-cols-2 gap-2.5">
          <TextField
            label={text.firstPort}
            value={draft.first}
            inputMode="numeric"
            error={problems.first}
            onChange={(first) => setDraft({ ...draft, first })}
          />
          <TextField
            label={text.lastPort}
            value={draft.last}
            inputMode="numeric"
            error={problems.last}
            onChange={(last) => setDraft({ ...draft, last })}
          />
        </div>
      </fieldset>
      <div className="mt-4 flex items-center justify-end gap-2">
        <span role="status" className="mr-auto flex items-center gap-1.5 text-dim">
          {changed ? (
            text.notSaved
          ) : status === 'done' ? (
            <>
              <Check size={14} className="text-ok" aria-hidden="true" />
              {text.saved}
            </>
          ) : (
            ''
          )}
        </span>
        <Button look="primary" type="submit" disabled={!changed || range === null || status === 'saving'}>
          {text.save}
        </Button>
      </div>
    </form>
  );
}
