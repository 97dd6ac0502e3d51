import { useStrings } from '../../stores/page.ts';
import { Checkbox, Select, TextField } from '../../ui/field.tsx';
import type { PortRow } from './form.ts';
import { Cell, Rows } from './rows.tsx';
import type { FormHandle } from './use-form.ts';

/** Ports, environment, mounts and what else few sandboxes need. */
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
