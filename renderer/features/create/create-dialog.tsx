import { ChevronRight } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { AppError, isAppError } from '../../../shared/model/app-error.ts';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { EngineCard } from '../../entities/engine-card.tsx';
import { useHost, usePage, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { EngineCards } from './engine-cards.tsx';
import { EngineFields, RuntimeField } from './engine-fields.tsx';
import { LimitsFields } from './limits-fields.tsx';
import { ListFields } from './list-fields.tsx';
import { NetworkField, ProfileField } from './network-fields.tsx';
import { SourceFields } from './source-fields.tsx';
import { type FormHandle, useForm } from './use-form.ts';

export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  return (
    <Dialog title={strings.create.title} closeLabel={strings.app.close} onClose={onClose}>
      {engines === null ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
      ) : (
        <CreateForm engines={engines} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  readonly engines: readonly EngineReport[];
  readonly onClose: () => void;
}

function CreateForm({ engines, onClose }: CreateFormProps) {
  const { connection, ui, sandboxes } = usePage();
  const strings = useStrings();
  const text = strings.create;
  const handle = useForm(engines);
  const { form, checked, change, problem } = handle;
  /** What is going on; null when nothing is. */
  const [progress, setProgress] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const stop = useRef<AbortController | null>(null);
  // A dialog that is closed cancels what it began.
  useEffect(() => () => stop.current?.abort(), []);

  async function create(): Promise<void> {
    if (checked.spec === null) {
      handle.showAll();
      return;
    }
    const current = new AbortController();
    stop.current = current;
    setError(null);
    setProgress(text.creating);
    try {
      const items = await connection.client.sandboxes.create(
        { spec: checked.spec, start: form.start },
        { signal: current.signal },
      );
      for await (const item of items) {
        if (item.type === 'progress') setProgress(item.message);
        else {
          const { sandbox } = item;
          stop.current = null;
          // The watch brings it too; until then the detail would be empty.
          sandboxes.setState(({ byId }) =>
            byId?.has(sandbox.id) ? {} : { byId: new Map(byId).set(sandbox.id, sandbox) },
          );
          ui.setState({ active: sandbox.id, selected: new Set([sandbox.id]), anchor: sandbox.id });
          onClose();
        }
      }
    } catch (failure) {
      if (current.signal.aborted) setError(null);
      else if (isAppError(failure)) setError(failure);
      else setError(new AppError('internal', String(failure)));
    }
    setProgress(null);
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (progress === null) void create();
  }

  return (
    <form onSubmit={onSubmit} className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <fieldset disabled={progress !== null} className="flex min-w-0 flex-col gap-3.5 p-4">
          <EngineCards engines={engines} value={form.engine} onChange={(engine) => change({ engine })} />
          <EngineDetails handle={handle} />
          <RuntimeField handle={handle} />
          <SourceFields handle={handle} />
          <div className="grid grid-cols-2 gap-2.5 max-sm:grid-cols-1">
            <TextField
              label={text.name}
              value={form.name}
              placeholder={text.namePlaceholder}
              onChange={(name) => change({ name })}
              error={problem('name')}
            />
            <TextField
              label={text.command}
              value={form.command}
              placeholder={text.commandPlaceholder(form.source === 'image')}
              title={text.commandHint}
              mono
              onChange={(command) => change({ command })}
              error={problem('command')}
            />
          </div>
          <LimitsFields handle={handle} />
          <div className="grid grid-cols-2 items-start gap-2.5 max-sm:grid-cols-1">
            <NetworkField handle={handle} />
            <ProfileField handle={handle} />
          </div>
          <EngineFields handle={handle} />
          <Advanced handle={handle} />
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            <Checkbox label={text.start} checked={form.start} onChange={(start) => change({ start })} />
            <Checkbox
              label={text.bestEffort}
              checked={form.allowBestEffort}
              onChange={(allowBestEffort) => change({ allowBestEffort })}
            />
          </div>
        </fieldset>
      </div>
      <footer className="border-t border-line px-4 py-3">
        {error && (
          <div className="-mt-2 mb-3">
            <ErrorNote message={`${text.failed}: ${error.message}`} hint={error.hint} />
          </div>
        )}
        <div className="flex items-center justify-end gap-2">
          <span role="status" className="mr-auto flex min-w-0 items-center gap-2 text-dim">
            {progress !== null && (
              <>
                <Spinner size={14} />
                <span className="truncate" title={progress}>
                  {progress}
                </span>
              </>
            )}
            {progress === null && checked.problems.size > 0 && text.problems(checked.problems.size)}
          </span>
          {progress === null ? (
            <Button onClick={onClose}>{strings.app.cancel}</Button>
          ) : (
            <Button onClick={() => stop.current?.abort()}>{text.cancelCreate}</Button>
          )}
          <Button look="primary" type="submit" disabled={progress !== null}>
            {text.create}
          </Button>
        </div>
      </footer>
    </form>
  );
}

/** What few sandboxes need. */
function Advanced({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  return (
    <Disclosure title={text.advanced}>
      <ListFields handle={handle} />
    </Disclosure>
  );
}

/** The card of the chosen engine and runtime: what it will hold. */
function EngineDetails({ handle: { engine, capabilities } }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  if (!engine || !capabilities) return null;
  return (
    <Disclosure title={strings.create.engineDetails(strings.engines.names[engine.kind])}>
      <EngineCard capabilities={capabilities} />
    </Disclosure>
  );
}

function Disclosure({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <section>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex items-center gap-1 rounded font-medium text-dim hover:text-text"
      >
        <ChevronRight size={14} aria-hidden="true" className={open ? 'rotate-90' : ''} />
        {title}
      </button>
      {open && <div className="mt-2 flex flex-col gap-3 rounded-lg border border-line p-2.5">{children}</div>}
    </section>
  );
}
