import { type NetworkMode, networkModes, profiles } from '../../../shared/model/spec.ts';
import { useStrings } from '../../stores/page.ts';
import { Field, Select, TextArea } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';

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
        <TextArea
          label={strings.create.hosts}
          value={form.hosts}
          placeholder="example.org:443"
          hint={strings.create.hostsHint}
          onChange={(hosts) => change({ hosts })}
          error={problem('network.hosts')}
        />
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
