import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { type NetworkMode, networkModes, profiles } from '../../../shared/model/spec.ts';
import { useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Checkbox, controlClass, Field, Select, TextField } from '../../ui/field.tsx';
import type { PortRow } from './form.ts';
import type { FormHandle } from './use-form.ts';

let lastKey = 0;
/** Rows keep their identity while others come and go. */
const newKey = () => ++lastKey;

export function NetworkField({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, capabilities, change, problem } = handle;
  const normal = capabilities?.defaults.network.mode ?? 'none';
  const possible = (mode: NetworkMode) => capabilities?.network[mode].support !== 'unsupported';
  return (
    <div className="flex flex-col gap-2">
      <Field label={strings.create.network} error={problem('network')}>
        {({ id, describedBy, invalid }) => (
          <Select
            id={id}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            value={form.network}
            onChange={(network) => change({ network })}
            options={[
              { value: 'default', label: strings.create.engineDefault(strings.overview.networks[normal]) },
              ...networkModes.map((mode) => ({
                value: mode,
                label: possible(mode)
                  ? strings.overview.networks[mode]
                  : `${strings.overview.networks[mode]} (${strings.overview.support.unsupported})`,
                disabled: !possible(mode),
              })),
            ]}
          />
        )}
      </Field>
      {form.network === 'allowlist' && (
        <Field label={strings.create.hosts} hint={strings.create.hostsHint} error={problem('network.hosts')}>
          {({ id, describedBy, invalid }) => (
            <textarea
              id={id}
              rows={3}
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              value={form.hosts}
              onChange={(event) => change({ hosts: event.target.value })}
              className={`${controlClass} !h-auto py-1 font-mono text-sm`}
            />
          )}
        </Field>
      )}
    </div>
  );
}

export function ProfileField({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, capabilities, change, problem } = handle;
  const normal = capabilities?.defaults.profile ?? 'standard';
  return (
    <Field label={strings.create.profile} error={problem('profile')}>
      {({ id, describedBy, invalid }) => (
        <Select
          id={id}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          value={form.profile}
          onChange={(profile) => change({ profile })}
          options={[
            { value: 'default', label: strings.create.engineDefault(strings.overview.profiles[normal]) },
            ...profiles.map((value) => ({
              value,
              label: strings.overview.profiles[value],
              disabled: capabilities?.profiles[value].support === 'unsupported',
            })),
          ]}
        />
      )}
    </Field>
  );
}

interface RowsProps<T extends { readonly key: number }> {
  readonly title: string;
  readonly add: string;
  readonly rows: readonly T[];
  readonly error: string | undefined;
  readonly onChange: (rows: readonly T[]) => void;
  readonly make: (key: number) => T;
  readonly children: (row: T, index: number, change: (part: Partial<T>) => void) => ReactNode;
}

function Rows<T extends { readonly key: number }>({ title, add, rows, error, onChange, make, children }: RowsProps<T>) {
  const strings = useStrings();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 text-sm font-medium text-dim">{title}</legend>
      <div className="flex flex-col gap-1.5">
        {rows.map((row, index) => (
          <div key={row.key} className="flex items-start gap-1.5">
            {children(row, index, (part) =>
              onChange(rows.map((other) => (other.key === row.key ? { ...other, ...part } : other))),
            )}
            <IconButton
              label={strings.create.remove(`${title} ${index + 1}`)}
              onClick={() => onChange(rows.filter((other) => other.key !== row.key))}
            >
              <X size={14} aria-hidden="true" />
            </IconButton>
          </div>
        ))}
        {error !== undefined && <p className="text-xs text-danger">{error}</p>}
        <Button
          look="quiet"
          className="self-start"
          icon={<Plus size={13} aria-hidden="true" />}
          onClick={() => onChange([...rows, make(newKey())])}
        >
          {add}
        </Button>
      </div>
    </fieldset>
  );
}

interface CellProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

function Cell({ label, value, placeholder, error, onChange }: CellProps) {
  return (
    <div className="min-w-0 flex-1">
      <input
        aria-label={label}
        aria-invalid={error === undefined ? undefined : true}
        value={value}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        className={`${controlClass} font-mono text-sm`}
      />
      {error !== undefined && <p className="pt-0.5 text-xs text-danger">{error}</p>}
    </div>
  );
}

export function ListFields({ handle }: { readonly handle: FormHandle }) {
  const text = useStrings().create;
  const { form, change, problem } = handle;
  return (
    <>
      <Rows
        title={text.ports}
        add={text.addPort}
        rows={form.ports}
        error={problem('ports')}
        onChange={(ports) => change({ ports })}
        make={(key): PortRow => ({ key, port: '', hostPort: '', protocol: 'tcp' })}
      >
        {(row, index, set) => (
          <>
            <Cell
              label={text.portInside(index + 1)}
              placeholder={text.portInsidePlaceholder}
              value={row.port}
              error={problem(`ports.${index}.port`)}
              onChange={(port) => set({ port })}
            />
            <Cell
              label={text.portHost(index + 1)}
              placeholder={text.portHostPlaceholder}
              value={row.hostPort}
              error={problem(`ports.${index}.hostPort`)}
              onChange={(hostPort) => set({ hostPort })}
            />
            <Select
              aria-label={text.portProtocol(index + 1)}
              className="!w-20"
              value={row.protocol}
              options={[{ value: 'tcp', label: 'TCP' } as const, { value: 'udp', label: 'UDP' } as const]}
              onChange={(protocol) => set({ protocol })}
            />
          </>
        )}
      </Rows>
      <Rows
        title={text.env}
        add={text.addEnv}
        rows={form.env}
        error={problem('env')}
        onChange={(env) => change({ env })}
        make={(key) => ({ key, name: '', value: '' })}
      >
        {(row, index, set) => (
          <>
            <Cell
              label={text.envName(index + 1)}
              placeholder={text.envNamePlaceholder}
              value={row.name}
              error={problem(`env.${index}`)}
              onChange={(name) => set({ name })}
            />
            <Cell
              label={text.envValue(index + 1)}
              placeholder={text.envValuePlaceholder}
              value={row.value}
              error={undefined}
              onChange={(value) => set({ value })}
            />
          </>
        )}
      </Rows>
      <Rows
        title={text.mounts}
        add={text.addMount}
        rows={form.mounts}
        error={problem('mounts')}
        onChange={(mounts) => change({ mounts })}
        make={(key) => ({ key, hostPath: '', path: '', readOnly: true })}
      >
        {(row, index, set) => (
          <>
            <Cell
              label={text.mountFrom(index + 1)}
              placeholder={text.mountFromPlaceholder}
              value={row.hostPath}
              error={problem(`mounts.${index}.hostPath`)}
              onChange={(hostPath) => set({ hostPath })}
            />
            <Cell
              label={text.mountTo(index + 1)}
              placeholder={text.mountToPlaceholder}
              value={row.path}
              error={problem(`mounts.${index}.path`)}
              onChange={(path) => set({ path })}
            />
            <div className="flex h-7 items-center">
              <Checkbox label={text.readOnly} checked={row.readOnly} onChange={(readOnly) => set({ readOnly })} />
            </div>
          </>
        )}
      </Rows>
      <div className="grid grid-cols-2 gap-2.5">
        <TextField
          label={text.workdir}
          value={form.workdir}
          placeholder="/workspace"
          mono
          onChange={(workdir) => change({ workdir })}
          error={problem('workdir')}
        />
        <TextField
          label={text.ttl}
          value={form.ttl}
          placeholder={text.ttlPlaceholder}
          onChange={(ttl) => change({ ttl })}
          error={problem('ttlMs')}
        />
      </div>
    </>
  );
}
