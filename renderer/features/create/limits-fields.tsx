import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { useStrings } from '../../stores/page.ts';
import { TextField } from '../../ui/field.tsx';
import type { FormHandle } from './use-form.ts';

/** A field a limit; what the engine cannot hold at all stays visible and says so. */
export function LimitsFields({ handle }: { readonly handle: FormHandle }) {
  const strings = useStrings();
  const { form, capabilities, change, problem } = handle;
  const supported = (name: LimitName) => capabilities?.limits[name].support !== 'unsupported';
  const shown = limitNames.filter((name) => supported(name) || (form.limits[name] ?? '') !== '');
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium text-dim">{strings.create.limits}</legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-2.5 rounded-lg border border-line p-2.5">
        {shown.map((name) => {
          const support = capabilities?.limits[name];
          return (
            <TextField
              key={name}
              label={strings.overview.limitNames[name]}
              value={form.limits[name] ?? ''}
              placeholder={strings.create.limitHints[name]}
              title={support?.note}
              onChange={(value) => change({ limits: { ...form.limits, [name]: value } })}
              error={problem(`limits.${name}`)}
              hint={support?.support === 'best-effort' ? strings.overview.support['best-effort'] : undefined}
            />
          );
        })}
      </div>
    </fieldset>
  );
}
