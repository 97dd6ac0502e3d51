import { useMemo, useState } from 'react';
import { type Capabilities, capabilitiesFor, type EngineReport } from '../../../shared/model/engine.ts';
import { useStrings } from '../../stores/page.ts';
import { emptyEngineOptions } from './engine-options.ts';
import { type Checked, checkForm, emptyForm, type Form } from './form.ts';

export interface FormHandle {
  readonly form: Form;
  readonly engine: EngineReport | undefined;
  /** Of the chosen runtime. */
  readonly capabilities: Capabilities | undefined;
  readonly checked: Checked;
  readonly change: (part: Partial<Form>) => void;
  /** The problem of a field, once the user has had a chance to fill it. */
  readonly problem: (field: string) => string | undefined;
  /** Shows the problems of fields that were not touched as well. */
  readonly showAll: () => void;
}

function firstSource(capabilities: Capabilities | undefined): Form['source'] {
  const sources = capabilities?.sources ?? [];
  return sources.includes('empty') ? 'empty' : (sources[0] ?? 'empty');
}

/** The strongest engine that works here is the one to begin with; none is chosen that does not. */
export function firstEngine(engines: readonly EngineReport[]): EngineReport | undefined {
  const available = engines.filter((engine) => engine.status === 'available');
  return available.find((engine) => engine.capabilities.isolation !== 'none') ?? available[0] ?? engines[0];
}

export function useForm(engines: readonly EngineReport[]): FormHandle {
  const strings = useStrings();
  const [form, setForm] = useState<Form>(() => {
    const engine = firstEngine(engines);
    return { ...emptyForm, engine: engine?.kind ?? 'process', source: firstSource(engine?.capabilities) };
  });
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const engine = engines.find(({ kind }) => kind === form.engine);
  const capabilities = engine && capabilitiesFor(engine, form.runtime || undefined);
  const checked = useMemo(() => checkForm(form, engine, strings), [form, engine, strings]);

  const change = (part: Partial<Form>) => {
    setTouched((before) => new Set([...before, ...Object.keys(part)]));
    setForm((before) => {
      const next = { ...before, ...part };
      if (part.engine === undefined) return next;
      const now = engines.find((engine) => engine.kind === part.engine)?.capabilities;
      return {
        ...next,
        ...emptyEngineOptions,
        source: now?.sources.includes(next.source) ? next.source : firstSource(now),
      };
    });
  };

  /** An empty image is no mistake before something was typed. */
  const problem = (field: string) => {
    const text = checked.problems.get(field);
    if (text === undefined || all) return text;
    const control =
      field === 'source' ? (form.source === 'image' ? 'image' : 'folder') : (field.split('.')[0] ?? field);
    return touched.has(control === 'ttlMs' ? 'ttl' : control) || field === 'command' ? text : undefined;
  };

  return { form, engine, capabilities, checked, change, problem, showAll: () => setAll(true) };
}
