import { FileUp } from 'lucide-react';
import { type DragEvent, useCallback, useRef, useState } from 'react';
import { ModuleSummary } from '../../entities/module-summary.tsx';
import { useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Spinner } from '../../ui/empty-state.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';
import { useModule } from './use-module.ts';

/** Names of refused imports that fit into a sentence. */
const NAMED = 3;

/** What a module is called by inside: its file's name. */
const programOf = (path: string) => (path.trim().split('/').at(-1) ?? '').replace(/\.wasm$/, '');

/** A module by its path on the host's machine, or a file that is brought there; and what it would ask for. */
export function ModuleField({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const text = strings.modules;
  const { form, change, problem } = handle;
  const path = form.module.trim();
  const latest = useRef(handle);
  latest.current = handle;
  const onUploaded = useCallback((module: string) => {
    const { form: now, change: changeNow } = latest.current;
    // A command that ran the module before this one would find no such program.
    const isOld = now.command.trim() !== '' && now.command.trim() === programOf(now.module);
    changeNow({ module, ...(isOld ? { command: programOf(module) } : {}) });
  }, []);
  const { info, error, upload, start, cancel } = useModule(path, onUploaded);
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);

  const refused = info?.imports.items.filter(({ allowed }) => !allowed) ?? [];
  const refusal =
    info && refused.length > 0
      ? text.asksForTooMuch(
          refused.slice(0, NAMED).map(({ module, name }) => `${module}.${name}`),
          info.refused - Math.min(NAMED, refused.length),
        )
      : undefined;

  function onDrop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) start(file);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file is another way to what the button does.
    <div
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={classes(
        'flex flex-col gap-2 rounded-md',
        over && 'outline-2 outline-offset-4 outline-accent outline-dashed',
      )}
    >
      <Field
        label={strings.create.module}
        hint={info ? text.calledBy(programOf(path)) : strings.create.moduleHint}
        error={refusal ?? error?.message ?? problem('source')}
      >
        {({ id, describedBy, invalid }) => (
          <div className="flex gap-2">
            <input
              id={id}
              autoComplete="off"
              spellCheck={false}
              value={form.module}
              placeholder="/home/me/program.wasm"
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              onChange={(event) => change({ module: event.target.value })}
              className={`${controlClass} font-mono text-sm`}
            />
            <Button icon={<FileUp size={14} aria-hidden="true" />} onClick={() => picker.current?.click()}>
              {text.choose}
            </Button>
            <input
              ref={picker}
              type="file"
              accept=".wasm,application/wasm"
              aria-label={text.choose}
              tabIndex={-1}
              className="hidden"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                // The same file may be chosen again.
                event.target.value = '';
                if (file) start(file);
              }}
            />
          </div>
        )}
      </Field>
      {upload && (
        <p role="status" className="flex min-w-0 items-center gap-2 text-sm text-dim">
          <Spinner size={14} />
          <span className="min-w-0 truncate" title={upload.name}>
            {text.uploading(upload.name, Math.floor(upload.share * 100))}
          </span>
          <Button look="quiet" onClick={cancel}>
            {text.cancelUpload}
          </Button>
        </p>
      )}
      {over && <p className="text-sm text-accent">{text.drop}</p>}
      {info && !upload && (
        <section aria-label={text.details} className="rounded-lg border border-line p-2.5">
          <ModuleSummary info={info} />
        </section>
      )}
    </div>
  );
}
