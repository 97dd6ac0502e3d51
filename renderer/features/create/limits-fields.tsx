import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { SupportMark } from '../../entities/support-mark.tsx';
import { useStrings } from '../../stores/page.ts';
import { Checkbox, TextField } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';

/** A field a limit, with how it is held; what the engine cannot hold at all is named with the reason. */
export function LimitsFields({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, capabilities, change, problem } = handle;
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
                placeholder={strings.create.limitHints[name]}
                onChange={(value) => change({ limits: { ...form.limits, [name]: value } })}
                error={problem(`limits.${name}`)}
                hint={capability?.support === 'best-effort' ? strings.overview.support['best-effort'] : undefined}
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
          label={strings.create.bestEffort}
          checked={form.allowBestEffort}
          onChange={(allowBestEffort) => change({ allowBestEffort })}
        />
      </div>
    </fieldset>
  );
}
