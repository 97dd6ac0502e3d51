import { Camera, CopyPlus, History, Trash2 } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import type { Snapshot } from '../../../shared/contract/snapshots.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { canAct } from '../../../shared/model/states.ts';
import { usePage, usePreference, useStrings } from '../../stores/page.ts';
import { sandboxShown } from '../../stores/ui.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Spinner } from '../../ui/empty-state.tsx';
import { controlClass } from '../../ui/field.tsx';
import { cloneName } from './clone-name.ts';
import { Section } from './section.tsx';

/** Saved memory and processes: taken while it runs, gone back to, or gone on from in another sandbox. */
export function Snapshots({ sandbox: { id, state, name: sandboxName } }: { readonly sandbox: Sandbox }) {
  const { connection, toasts, actions, sandboxes, ui } = usePage();
  const strings = useStrings();
  const language = usePreference((preferences) => preferences.language);
  const text = strings.snapshots;
  const { client } = connection;
  const [list, setList] = useState<readonly Snapshot[] | null>(null);
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);

  const load = useCallback(
    async (signal?: AbortSignal) => {
      try {
        setList(await client.snapshots.list({ id }, signal ? { signal } : {}));
      } catch (error) {
        if (!signal?.aborted) toasts.error(error);
      }
    },
    [client, id, toasts],
  );
  useEffect(() => {
    const stop = new AbortController();
    void load(stop.signal);
    return () => stop.abort();
  }, [load]);

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    try {
      await work();
      await load();
      return true;
    } catch (error) {
      toasts.error(error);
      return false;
    } finally {
      setBusy(false);
    }
  }

  async function restore(snapshot: string): Promise<void> {
    const title = text.restoreTitle(sandboxName, snapshot);
    const { yes } = await actions.ask({ title, text: text.restoreText, confirm: text.restore, danger: true });
    if (yes) await run(() => client.snapshots.restore({ id, name: snapshot }));
  }

  async function clone(snapshot: string): Promise<void> {
    const taken = new Set([...(sandboxes.getState().byId?.values() ?? [])].map((each) => each.name));
    const newName = cloneName(sandboxName, snapshot, (each) => taken.has(each));
    const made = await client.snapshots.clone({ id, name: snapshot, newName });
    // The watch brings it too; until then the detail would be empty.
    sandboxes.setState(({ byId }) => (byId?.has(made.id) ? {} : { byId: new Map(byId).set(made.id, made) }));
    ui.setState(sandboxShown(made.id));
  }

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await run(() => client.snapshots.create({ id, name: name.trim() }))) setName('');
  }

  return (
    <Section title={text.title}>
      <form className="flex items-center gap-1.5" onSubmit={(event) => void onSubmit(event)}>
        <input
          aria-label={text.name}
          placeholder={text.namePlaceholder}
          value={name}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
          className={`${controlClass} font-mono text-sm`}
        />
        <Button
          type="submit"
          icon={busy ? <Spinner size={13} /> : <Camera size={13} aria-hidden="true" />}
          disabled={busy || name.trim() === '' || !canAct('snapshot', state)}
          title={canAct('snapshot', state) ? undefined : text.notRunning}
        >
          {text.save}
        </Button>
      </form>
      {list?.length === 0 && <p className="mt-1.5 text-faint">{text.empty}</p>}
      <ul className="mt-1">
        {list?.map((snapshot) => (
          <li key={snapshot.name} className="flex items-center gap-1">
            <span className="min-w-0 flex-1 truncate font-mono text-sm" title={snapshot.name}>
              {snapshot.name}
            </span>
            {snapshot.createdAt !== null && (
              <time className="text-xs text-faint tabular-nums" dateTime={new Date(snapshot.createdAt).toISOString()}>
                {new Date(snapshot.createdAt).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' })}
              </time>
            )}
            <IconButton
              label={text.restoreNamed(snapshot.name)}
              disabled={busy || !canAct('restore', state)}
              onClick={() => void restore(snapshot.name)}
            >
              <History size={14} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={text.cloneNamed(snapshot.name)}
              disabled={busy || !canAct('restore', state)}
              onClick={() => void run(() => clone(snapshot.name))}
            >
              <CopyPlus size={14} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={text.removeNamed(snapshot.name)}
              disabled={busy}
              onClick={() => void run(() => client.snapshots.remove({ id, name: snapshot.name }))}
            >
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}
