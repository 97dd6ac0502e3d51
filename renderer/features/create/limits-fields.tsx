import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { formatLimit } from '../../entities/format-limit.ts';
import { SupportMark } from '../../entities/support-mark.tsx';
import { useStrings } from '../../stores/page.ts';
import { Checkbox, TextField } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';

/** A field a limit, with how it is held; what the engine cannot hold at all is named with the reason. */
export function LimitsFields({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, engine, capabilities, change, problem } = handle;
  const { limits: configured = {}, allowBestEffort: accepts = false } = engine?.configured ?? {};
  const placeholder = (name: LimitName) => {
    const value = configured[name];
    return value === undefined ? strings.create.limitHints[name] : formatLimit(name, value, strings);
  };
  const hint = (name: LimitName) => {
    if (capabilities?.limits[name].support === 'best-effort') return strings.overview.support['best-effort'];
    return configured[name] === undefined ? undefined : strings.create.byConfiguration;
  };
  const names = strings.overview.limitNames;
  const supported = (name: LimitName) => capabilities?.limits[name].support !== 'unsupported';
  const shown = limitNames.filter((name) => supported(name) || (form.limits[name] ?? '') !== '');
  const others = limitNames.filter((name) => !shown.includes(name));
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-dim">{strings.create.limits}</legend>
      <div className="flex flex-col gap-2.5 rounded-lg border border-line p-2.5">
        <div className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-2.5">
          {shown.map((name) => {
            const capability = capabilities?.limits[name];
            return (
              <TextField
                key={name}
                label={names[name]}
                mark={capability && <SupportMark capability={capability} />}
                value={form.limits[name] ?? ''}
                placeholder={placeholder(name)}
                onChange={(value) => change({ limits: { ...form.limits, [name]: value } })}
                error={problem(`limits.${name}`)}
                hint={hint(name)}
              />
            );
          })}
        </div>
        {others.length > 0 && (
          <p className="flex flex-wrap gap-x-1.5 text-xs text-faint">
            {strings.create.unsupportedLimits}
            {others.map((name) => (
              <span
                key={name}
                title={capabilities?.limits[name].note}
                className={capabilities?.limits[name].note === undefined ? '' : 'underline decoration-dotted'}
              >
                {names[name]}
              </span>
            ))}
          </p>
        )}
        <Checkbox
          label={
            accepts ? `${strings.create.bestEffort} (${strings.create.byConfiguration})` : strings.create.bestEffort
          }
          checked={form.allowBestEffort ?? accepts}
          onChange={(allowBestEffort) => change({ allowBestEffort })}
        />
      </div>
    </fieldset>
  );
}
