import { Check } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import { capabilitiesFor } from '../../../shared/model/capabilities-for.ts';
import { runtimeOf } from '../../../shared/model/function-refusal.ts';
import { SupportMark } from '../../entities/support-mark.tsx';
import { useHost, useStrings } from '../../stores/page.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { checkSettings, formOf, type SettingsField, type SettingsForm } from './settings-form.ts';
import { useSave } from './use-save.ts';

interface SettingsTabProps {
  readonly whole: ServerlessFunction;
  readonly onSaved: (whole: ServerlessFunction) => void;
}

const grid = 'grid grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] gap-3';

/** How it is run, for all versions at once; and what one instance may use, which is part of a version. */
export function SettingsTab({ whole, onSaved }: SettingsTabProps) {
  const strings = useStrings();
  const text = strings.functions;
  const report = useHost(({ engines }) => engines?.find(({ kind }) => kind === whole.engine));
  const saved = useMemo(() => formOf(whole), [whole]);
  const [form, setForm] = useState<SettingsForm>(saved);
  const [isDone, setDone] = useState(false);
  const { save, isSaving, error, forget } = useSave(whole, onSaved);
  const { problems, settings, spec } = useMemo(
    () => checkSettings(form, whole, report, strings),
    [form, whole, report, strings],
  );
  const capabilities = report && capabilitiesFor(report, runtimeOf(whole.spec as Parameters<typeof runtimeOf>[0]));
  const isChanged = (Object.keys(form) as SettingsField[]).some((field) => form[field] !== saved[field]);
  const canSave = !isSaving && (settings !== undefined || spec !== undefined);
  // What no field of this form is about, e.g. a runtime that is gone.
  const others = isChanged ? [...problems].filter(([name]) => !(name in form)) : [];
  const change = (part: Partial<SettingsForm>) => {
    forget();
    setDone(false);
    setForm((before) => ({ ...before, ...part }));
  };

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!canSave) return;
    const done = await save(spec, settings);
    if (!done) return;
    setForm(formOf(done));
    setDone(true);
  }

  const field = (name: Exclude<SettingsField, 'keepState' | 'keepPayloads' | 'allowBestEffort'>, hint?: string) => ({
    label: text.settings[name],
    value: form[name],
    hint,
    error: problems.get(name) ?? (refusedField(error) === name ? error?.message : undefined),
    onChange: (value: string) => change({ [name]: value }),
  });
  const limits = (['memoryBytes', 'fuel'] as const).filter(
    (name) => capabilities?.limits[name].support !== 'unsupported' || form[name] !== '',
  );
  const needsBestEffort = limits.some((name) => capabilities?.limits[name].support === 'best-effort');
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex h-full min-h-0 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <fieldset disabled={isSaving} className="flex max-w-4xl min-w-0 flex-col gap-4 p-4">
          <section aria-label={text.settings.running}>
            <h3 className="font-semibold">{text.settings.running}</h3>
            <p className="mt-0.5 mb-2.5 text-dim">{text.settings.runningHint}</p>
            <div className={grid}>
              <TextField {...field('timeoutMs', text.settings.hints.timeoutMs)} />
              <TextField {...field('idleTimeMs', text.settings.hints.idleTimeMs)} />
              <TextField {...field('maxConcurrency', text.settings.hints.maxConcurrency)} inputMode="numeric" />
              <TextField {...field('maxQueue', text.settings.hints.maxQueue)} inputMode="numeric" />
            </div>
            <div className="mt-3 flex flex-col items-start gap-1.5">
              <Checkbox
                label={text.settings.keepState}
                checked={form.keepState}
                onChange={(keepState) => change({ keepState })}
              />
              <Checkbox
                label={text.settings.keepPayloads}
                checked={form.keepPayloads}
                onChange={(keepPayloads) => change({ keepPayloads })}
              />
            </div>
          </section>
          <section aria-label={text.settings.limits}>
            <h3 className="font-semibold">{text.settings.limits}</h3>
            <p className="mt-0.5 mb-2.5 text-dim">{text.settings.limitsHint}</p>
            <div className={grid}>
              {'handler' in whole.spec.code && <TextField {...field('handler', text.settings.hints.handler)} mono />}
              {limits.map((name) => (
                <TextField
                  key={name}
                  {...field(name, text.settings.hints[name])}
                  mark={capabilities && <SupportMark capability={capabilities.limits[name]} />}
                  placeholder={text.settings.noLimit}
                />
              ))}
            </div>
            {(needsBestEffort || form.allowBestEffort) && (
              <div className="mt-3">
                <Checkbox
                  label={strings.create.bestEffort}
                  checked={form.allowBestEffort}
                  onChange={(allowBestEffort) => change({ allowBestEffort })}
                />
              </div>
            )}
          </section>
          {others.map(([name, message]) => (
            <ErrorNote key={name} message={message} hint={undefined} />
          ))}
          {error && <ErrorNote message={error.message} hint={error.hint} />}
        </fieldset>
      </div>
      <footer className="flex items-center justify-end gap-2 border-t border-line bg-surface px-4 py-2">
        <span role="status" className="mr-auto flex min-w-0 items-center gap-1.5 text-dim">
          {isChanged && problems.size > 0 ? (
            strings.create.problems(problems.size)
          ) : isChanged ? (
            spec ? (
              text.settings.asNewVersion
            ) : (
              strings.settings.notSaved
            )
          ) : isDone ? (
            <>
              <Check size={14} className="text-ok" aria-hidden="true" />
              {strings.settings.saved}
            </>
          ) : (
            ''
          )}
        </span>
        {isChanged && (
          <Button disabled={isSaving} onClick={() => change(saved)}>
            {text.revert}
          </Button>
        )}
        <Button look="primary" type="submit" disabled={!canSave}>
          {text.save}
        </Button>
      </footer>
    </form>
  );
}

function refusedField(
  error: { readonly details?: Readonly<Record<string, unknown>> | undefined } | null,
): string | null {
  const field = error?.details?.field;
  return typeof field === 'string' ? (field.split('.').at(-1) ?? null) : null;
}
