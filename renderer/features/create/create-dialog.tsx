import { ChevronRight } from 'lucide-react';
import { type FormEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { toAppError } from '../../../shared/model/app-error.ts';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { EngineCard } from '../../entities/engine-card.tsx';
import { useHost, usePage, useStrings } from '../../stores/page.ts';
import { sandboxShown } from '../../stores/ui.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { EngineCards } from './engine-cards.tsx';
import { EngineFields, RuntimeField } from './engine-fields.tsx';
import { Examples } from './examples.tsx';
import { LimitsFields } from './limits-fields.tsx';
import { ListFields } from './list-fields.tsx';
import { NetworkField, ProfileField } from './network-fields.tsx';
import { Pull } from './pull.tsx';
import { SourceFields } from './source-fields.tsx';
import { type FormHandle, useForm } from './use-form.ts';

export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  const filled = useRef(false);
  const [asking, setAsking] = useState(false);
  return (
    <Dialog
      title={strings.create.title}
      closeLabel={strings.app.close}
      onClose={() => (filled.current ? setAsking(true) : onClose())}
    >
      {engines === null ? (
        <EmptyState icon={<Spinner size={24} />} title={strings.app.loading} />
      ) : (
        <CreateForm engines={engines} filled={filled} onClose={onClose} />
      )}
      {asking && (
        <Confirm
          title={strings.create.discardTitle}
          text={strings.create.discardText}
          option={undefined}
          confirm={strings.create.discard}
          cancel={strings.create.goOn}
          danger
          onAnswer={({ yes }) => {
            setAsking(false);
            if (yes) onClose();
          }}
        />
      )}
    </Dialog>
  );
}

interface CreateFormProps {
  readonly engines: readonly EngineReport[];
  /** Told whether something would be lost with the dialog. */
  readonly filled: RefObject<boolean>;
  readonly onClose: () => void;
}

function CreateForm({ engines, filled, onClose }: CreateFormProps) {
  const { connection, ui, sandboxes } = usePage();
  const strings = useStrings();
  const text = strings.create;
  const handle = useForm(engines);
  const { form, checked, change, problem } = handle;
  filled.current = handle.filled;
  const element = useRef<HTMLFormElement>(null);
  /** Rises with each try that failed. */
  const [failures, setFailures] = useState(0);
  /** What is going on; null when nothing is. */
  const [progress, setProgress] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  // A dialog that is closed cancels what it began.
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => {
    if (failures > 0) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failures]);

  async function create(): Promise<void> {
    if (checked.spec === null) {
      handle.showAll();
      setFailures((count) => count + 1);
      return;
    }
    const current = new AbortController();
    stop.current = current;
    handle.refuse(null);
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
          ui.setState(sandboxShown(sandbox.id));
          onClose();
        }
      }
    } catch (failure) {
      if (!current.signal.aborted) {
        handle.refuse(toAppError(failure));
        setFailures((count) => count + 1);
      }
    }
    setProgress(null);
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (progress === null) void create();
  }

  return (
    <form ref={element} noValidate onSubmit={onSubmit} className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <fieldset disabled={progress !== null} className="flex min-w-0 flex-col gap-3.5 p-4">
          <EngineCards
            engines={engines}
            value={form.engine}
            capabilities={handle.capabilities}
            onChange={(engine) => change({ engine })}
          />
          <EngineDetails handle={handle} />
          <RuntimeField handle={handle} />
          <Examples handle={handle} />
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
          <Checkbox label={text.start} checked={form.start} onChange={(start) => change({ start })} />
        </fieldset>
      </div>
      <footer className="border-t border-line px-4 py-3">
        {(handle.refusal || handle.missingImage !== null) && (
          <div className="-mt-2 mb-3">
            {handle.refusal && (
              <ErrorNote message={`${text.failed}: ${handle.refusal.message}`} hint={handle.refusal.hint} />
            )}
            {handle.missingImage !== null && (
              <Pull engine={form.engine} reference={handle.missingImage} onDone={handle.pulled} />
            )}
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
            {progress === null && handle.shown > 0 && text.problems(handle.shown)}
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

const inAdvanced = /^(env|mounts|ports|workdir|ttlMs)/;

/** What few sandboxes need. Open while something in it is wrong. */
function Advanced({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const bad = [...handle.checked.problems.keys()].some((field) => inAdvanced.test(field) && handle.problem(field));
  return (
    <Disclosure title={text.advanced} keepOpen={bad}>
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

interface DisclosureProps {
  readonly title: string;
  readonly keepOpen?: boolean;
  readonly children: ReactNode;
}

function Disclosure({ title, keepOpen = false, children }: DisclosureProps) {
  const [wanted, setOpen] = useState(false);
  const open = wanted || keepOpen;
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
