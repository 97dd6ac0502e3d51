import { usernsModes } from '../../../shared/model/spec.ts';
import { useStrings } from '../../stores/page.ts';
import { Checkbox, Field, Select, TextArea, TextField } from '../../ui/field.tsx';
import type { FilesystemForm, PythonForm } from './engine-options.ts';
import type { FormHandle } from './use-form.ts';

/** Another way to run in the same engine, with what it wins and costs. */
export function RuntimeField({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const { form, engine, change, problem } = handle;
  const runtimes = engine?.runtimes ?? [];
  if (runtimes.length === 0) return null;
  const configured = engine?.configured?.runtime;
  const usual = form.engine === 'wasm' ? text.wasiRuntime : text.usualRuntime;
  const chosen = runtimes.find(({ name }) => name === (form.runtime || configured));
  return (
    <Field label={text.runtime} hint={chosen?.tradeOff} error={problem('runtime')}>
      {({ id, describedBy }) => (
        <Select
          id={id}
          aria-describedby={describedBy}
          value={form.runtime}
          onChange={(runtime) => change({ runtime })}
          options={[
            { value: '', label: configured === undefined ? usual : text.configured(configured) },
            ...runtimes.map(({ name, title }) => ({
              value: name,
              // A title that explains itself needs no name behind it.
              label: title === name || title.endsWith(')') ? title : `${title} (${name})`,
            })),
          ]}
        />
      )}
    </Field>
  );
}

/** What only this engine knows: user namespaces, rules for files, a virtualenv. */
export function EngineFields({ handle }: { readonly handle: FormHandle }) {
  const features = handle.capabilities?.features;
  if (!features) return null;
  return (
    <>
      {features.python.support !== 'unsupported' && <PythonFields handle={handle} />}
      {features.userns.support !== 'unsupported' && <UsernsField handle={handle} />}
      {features.filesystem.support !== 'unsupported' && <FilesystemFields handle={handle} />}
    </>
  );
}

function UsernsField({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const { form, change, problem } = handle;
  return (
    <Field
      label={text.userns}
      hint={form.userns === '' ? undefined : text.usernsHints[form.userns]}
      error={problem('userns')}
    >
      {({ id, describedBy }) => (
        <Select
          id={id}
          aria-describedby={describedBy}
          value={form.userns}
          onChange={(userns) => change({ userns })}
          options={[{ value: '', label: text.usualUserns }, ...usernsModes.map((value) => ({ value, label: value }))]}
        />
      )}
    </Field>
  );
}

function FilesystemFields({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const { form, capabilities, change, problem } = handle;
  const { filesystem } = form;
  const set = (part: Partial<FilesystemForm>) => change({ filesystem: { ...filesystem, ...part } });
  const lists = [
    { key: 'readOnly', label: text.filesReadOnly, placeholder: '/home/me/data' },
    { key: 'readWrite', label: text.filesReadWrite, placeholder: '/home/me/out' },
    { key: 'denied', label: text.filesDenied, placeholder: '/home/me/data/secret' },
  ] as const;
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-dim">{text.files}</legend>
      <div className="flex flex-col gap-2 rounded-lg border border-line p-2.5">
        <div className="grid grid-cols-3 gap-2.5 max-sm:grid-cols-1">
          {lists.map(({ key, label, placeholder }) => (
            <TextArea
              key={key}
              label={label}
              value={filesystem[key]}
              placeholder={placeholder}
              hint={key === 'denied' ? text.filesDeniedHint : undefined}
              onChange={(value) => set({ [key]: value })}
              error={problem(`filesystem.${key}`)}
            />
          ))}
        </div>
        {capabilities?.features.overlay.support !== 'unsupported' && (
          <Checkbox label={text.filesOverlay} checked={filesystem.overlay} onChange={(overlay) => set({ overlay })} />
        )}
      </div>
    </fieldset>
  );
}

function PythonFields({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const { form, change, problem } = handle;
  const { python } = form;
  // Python in WebAssembly is always the same one.
  const isVirtualenv = form.engine !== 'wasm';
  const set = (part: Partial<PythonForm>) => change({ python: { ...python, ...part } });
  const packages = (
    <TextArea
      key="packages"
      label={text.packages}
      value={python.packages}
      placeholder={isVirtualenv ? 'requests\nnumpy>=2' : 'attrs\nrich>=13'}
      hint={isVirtualenv ? undefined : text.packagesHint}
      onChange={(packages) => set({ packages })}
      error={problem('python.packages')}
    />
  );
  const wheels = (
    <TextField
      key="wheels"
      label={text.wheels}
      value={python.wheels}
      placeholder="/home/me/wheels"
      hint={text.wheelsHint}
      mono
      onChange={(wheels) => set({ wheels })}
      error={problem('python.wheels')}
    />
  );
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-dim">{isVirtualenv ? text.python : text.packages}</legend>
      <div className="flex flex-col gap-2 rounded-lg border border-line p-2.5">
        <div className="grid grid-cols-2 items-start gap-2.5 max-sm:grid-cols-1">
          {isVirtualenv && (
            <TextField
              label={text.interpreter}
              value={python.interpreter}
              placeholder={text.interpreterPlaceholder}
              mono
              onChange={(interpreter) => set({ interpreter })}
              error={problem('python.interpreter')}
            />
          )}
          <TextField
            label={text.indexUrl}
            value={python.indexUrl}
            placeholder="https://pypi.org/simple"
            mono
            onChange={(indexUrl) => set({ indexUrl })}
            error={problem('python.indexUrl')}
          />
          {isVirtualenv ? [packages, wheels] : [wheels, packages]}
        </div>
        {isVirtualenv && (
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            <Checkbox
              label={text.systemSitePackages}
              checked={python.systemSitePackages}
              onChange={(systemSitePackages) => set({ systemSitePackages })}
            />
            <Checkbox label={text.pip} checked={python.pip} onChange={(pip) => set({ pip })} />
          </div>
        )}
      </div>
    </fieldset>
  );
}
