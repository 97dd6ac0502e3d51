import { type NetworkMode, networkModes, profiles } from '../../../shared/model/spec.ts';
import { useStrings } from '../../stores/page.ts';
import { Field, Select, TextArea } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';

export function NetworkField({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, engine, capabilities, change, problem } = handle;
  const configured = engine?.configured?.network?.mode;
  const normal = capabilities?.defaults.network.mode ?? 'none';
  const { networks } = strings.overview;
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
              {
                value: 'default',
                label:
                  configured === undefined
                    ? strings.create.engineDefault(networks[normal])
                    : strings.create.configured(networks[configured]),
              },
              ...networkModes.map((mode) => ({
                value: mode,
                label: possible(mode) ? networks[mode] : `${networks[mode]} (${strings.overview.support.unsupported})`,
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
  const { form, engine, capabilities, change, problem } = handle;
  const configured = engine?.configured?.profile;
  const normal = capabilities?.defaults.profile ?? 'standard';
  const names = strings.overview.profiles;
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
            {
              value: 'default',
              label:
                configured === undefined
                  ? strings.create.engineDefault(names[normal])
                  : strings.create.configured(names[configured]),
            },
            ...profiles.map((value) => ({
              value,
              label: names[value],
              disabled: capabilities?.profiles[value].support === 'unsupported',
            })),
          ]}
        />
      )}
    </Field>
  );
}
