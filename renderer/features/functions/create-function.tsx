import { type FormEvent, useMemo, useRef, useState } from 'react';
import { capabilitiesFor } from '../../../shared/model/capabilities-for.ts';
import type { EngineReport } from '../../../shared/model/engine.ts';
import type { FunctionCodeType, FunctionSpecInput } from '../../../shared/model/function.ts';
import { functionNameSchema, functionSpecInputSchema } from '../../../shared/model/function.ts';
import { codeTypesOf, functionRefusals } from '../../../shared/model/function-refusal.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import { issueWords } from '../../entities/issue-words.ts';
import { splitCommand } from '../../lib/command-line.ts';
import { useFunctions, useHost, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState, Spinner } from '../../ui/empty-state.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Field, Select, TextField } from '../../ui/field.tsx';
import { examples, freeName } from './examples.ts';
import { useCreate } from './use-create.ts';

const types: readonly FunctionCodeType[] = ['javascript', 'python', 'module', 'command'];
const names: Readonly<Record<FunctionCodeType, string>> = {
  javascript: examples.javascript.name,
  python: examples.python.name,
  module: 'module',
  command: 'command',
};

/** A new function: what it is written in and where it runs. Its code is an example, to be changed in the editor. */
export function CreateFunction({ onClose }: { readonly onClose: () => void }) {
  const strings = useStrings();
  const engines = useHost((state) => state.engines);
  return (
    <Dialog title={strings.functions.newTitle} closeLabel={strings.app.close} onClose={onClose} className="max-w-lg">
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
  const strings = useStrings();
  const text = strings.functions;
  const byId = useFunctions((state) => state.byId);
  const taken = useMemo(() => new Set([...(byId?.values() ?? [])].map(({ name }) => name)), [byId]);
  const [type, setType] = useState<FunctionCodeType>('javascript');
  const [wanted, setEngine] = useState<EngineKind>('wasm');
  const [typedName, setName] = useState<string | null>(null);
  const [image, setImage] = useState('');
  const [source, setSource] = useState('');
  const [isTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { create, isBusy, error, forget, cancel } = useCreate();

  const fitting = engines.filter(
    ({ kind, status, capabilities }) =>
      status === 'available' &&
      codeTypesOf(kind).includes(type) &&
      capabilities.features.exec.support !== 'unsupported',
  );
  const engine = fitting.find(({ kind }) => kind === wanted) ?? fitting[0];
  const sources = engine && capabilitiesFor(engine, undefined)?.sources;
  const needsImage = sources?.includes('image') === true && !sources.includes('empty');
  const name = typedName ?? freeName(names[type], taken);

  const command = type === 'command' ? splitCommand(source) : [];
  const code: FunctionSpecInput['code'] =
    type === 'module'
      ? { type, path: source.trim() }
      : type === 'command'
        ? { type, command: [...(command ?? [])] }
        : { type, text: examples[type].code };
  const spec: FunctionSpecInput = {
    engine: engine?.kind ?? wanted,
    code,
    ...(needsImage && { source: { type: 'image', reference: image.trim() } }),
  };

  const problems = new Map<string, string>();
  const report = (field: string, message: string) => problems.has(field) || problems.set(field, message);
  const words = { error: issueWords(strings) };
  for (const { message } of functionNameSchema.safeParse(name.trim(), words).error?.issues ?? [])
    report('name', message);
  if (taken.has(name.trim())) report('name', text.nameTaken);
  if (command === undefined) report('code', strings.create.unclosedQuote);
  for (const { path, message } of functionSpecInputSchema.safeParse(spec, words).error?.issues ?? []) {
    report(String(path[0]), message);
  }
  for (const { field, message } of engine ? functionRefusals(spec, engine) : []) {
    report(field.split('.')[0] ?? field, message);
  }
  const hostField = error?.details?.field;
  const refused = typeof hostField === 'string' ? hostField.replace(/^spec\./, '').split('.')[0] : undefined;
  const problem = (field: string) =>
    refused === field ? error?.message : isTried || field === 'name' ? problems.get(field) : undefined;
  const known = new Set(['name', 'code', 'source']);
  const others = [...problems].filter(([field]) => !known.has(field));

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (isBusy) return;
    if (problems.size > 0 || !engine) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    const payload = type === 'javascript' || type === 'python' ? examples[type].payload : undefined;
    if (await create(name.trim(), spec, payload)) onClose();
  }
  const changing =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      forget();
      set(value);
    };

  return (
    <form ref={form} noValidate onSubmit={(event) => void submit(event)} className="flex min-h-0 flex-col">
      <fieldset disabled={isBusy} className="flex min-h-0 min-w-0 flex-col gap-3.5 overflow-y-auto p-4">
        <TextField label={text.name} value={name} error={problem('name')} onChange={changing(setName)} />
        <div className="grid grid-cols-2 items-start gap-2.5">
          <Field label={text.language} hint={text.languageHints[type]}>
            {({ id, describedBy }) => (
              <Select
                id={id}
                aria-describedby={describedBy}
                value={type}
                options={types.map((value) => ({ value, label: text.languages[value] }))}
                onChange={changing(setType)}
              />
            )}
          </Field>
          <Field
            label={strings.create.engine}
            hint={engine && strings.engines.isolation[engine.capabilities.isolation]}
            error={engine ? undefined : text.noEngine}
          >
            {({ id, describedBy }) => (
              <Select
                id={id}
                aria-describedby={describedBy}
                value={engine?.kind ?? wanted}
                options={fitting.map(({ kind }) => ({ value: kind, label: strings.engines.names[kind] }))}
                onChange={changing(setEngine)}
              />
            )}
          </Field>
        </div>
        {(type === 'module' || type === 'command') && (
          <TextField
            label={text.languages[type]}
            value={source}
            mono
            hint={type === 'module' ? text.moduleHint : text.commandHint}
            placeholder={type === 'module' ? '/home/me/function.wasm' : 'jq .items'}
            error={problem('code')}
            onChange={changing(setSource)}
          />
        )}
        {needsImage && (
          <TextField
            label={strings.create.image}
            value={image}
            placeholder={strings.create.imagePlaceholder}
            hint={text.imageHint}
            error={problem('source')}
            onChange={changing(setImage)}
          />
        )}
        {isTried && others.map(([field, message]) => <ErrorNote key={field} message={message} hint={undefined} />)}
        {error && <ErrorNote message={error.message} hint={error.hint} />}
      </fieldset>
      <footer className="flex items-center justify-end gap-2 border-t border-line px-4 py-3">
        <span role="status" className="mr-auto flex items-center gap-2 text-dim">
          {isBusy && (
            <>
              <Spinner size={14} />
              {text.creating}
            </>
          )}
        </span>
        <Button onClick={isBusy ? cancel : onClose}>{isBusy ? strings.create.cancelCreate : strings.app.cancel}</Button>
        <Button look="primary" type="submit" disabled={isBusy}>
          {strings.create.create}
        </Button>
      </footer>
    </form>
  );
}
