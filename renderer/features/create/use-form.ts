import { useMemo, useState } from 'react';
import type { AppError } from '../../../shared/model/app-error.ts';
import { type Capabilities, capabilitiesFor, type EngineReport } from '../../../shared/model/engine.ts';
import { usePage, useStrings } from '../../stores/page.ts';
import { emptyEngineOptions } from './engine-options.ts';
import { type Checked, checkForm, emptyForm, type Form } from './form.ts';
import { isTouched, type Touched, touchedBy } from './touched.ts';

export interface FormHandle {
  readonly form: Form;
  readonly engine: EngineReport | undefined;
  /** Of the chosen runtime. */
  readonly capabilities: Capabilities | undefined;
  readonly checked: Checked;
  readonly change: (part: Partial<Form>) => void;
  /** The problem of a field, once the user has had a chance to fill it. */
  readonly problem: (field: string) => string | undefined;
  /** How many problems are shown. */
  readonly shown: number;
  /** Whether something would be lost with the dialog. */
  readonly filled: boolean;
  /** Shows the problems of fields that were not touched as well. */
  readonly showAll: () => void;
  /** What the host refused; it is over with the next change. */
  readonly refusal: AppError | null;
  readonly refuse: (error: AppError | null) => void;
  /** An image that creating failed for want of, until another is asked for or it was pulled. */
  readonly missingImage: string | null;
  /** Rises when an image has come. */
  readonly pulls: number;
  readonly pulled: () => void;
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

/** What is typed; an engine and a source are chosen again in no time. */
const typedOf = ({ engine: _engine, source: _source, ...typed }: Form) => JSON.stringify(typed);

/** The field that the host names in an error, as the form calls it. */
function fieldOf(error: AppError | null): string | undefined {
  const field = error?.details?.field;
  if (typeof field !== 'string') return undefined;
  const own = field.replace(/^spec\./, '');
  return own.startsWith('source') ? 'source' : own;
}

export function useForm(engines: readonly EngineReport[]): FormHandle {
  const strings = useStrings();
  const { sandboxes } = usePage();
  const [form, setForm] = useState<Form>(() => {
    const engine = firstEngine(engines);
    return { ...emptyForm, engine: engine?.kind ?? 'process', source: firstSource(engine?.capabilities) };
  });
  const [beginning] = useState(() => typedOf(form));
  const [touched, setTouched] = useState<Touched>(new Set());
  const [all, setAll] = useState(false);
  const [refusal, setRefusal] = useState<AppError | null>(null);
  const [missingImage, setMissingImage] = useState<string | null>(null);
  const [pulls, setPulls] = useState(0);
  const engine = engines.find(({ kind }) => kind === form.engine);
  const capabilities = engine && capabilitiesFor(engine, form.runtime || engine.configured?.runtime);
  const checked = useMemo(() => {
    // Looked up while one types: a sandbox of this name that is then made is the one that was asked for.
    const all = [...(sandboxes.getState().byId?.values() ?? [])];
    const isTaken = (name: string) =>
      all.some((other) => !other.foreign && other.name === name && other.state !== 'creating');
    return checkForm(form, engine, strings, isTaken);
  }, [form, engine, strings, sandboxes]);

  const change = (part: Partial<Form>) => {
    setTouched((before) => new Set([...before, ...touchedBy(form, part)]));
    setRefusal(null);
    if (part.image !== undefined || part.engine !== undefined || part.source !== undefined) setMissingImage(null);
    setForm((before) => {
      const next = { ...before, ...part };
      if (part.engine === undefined && part.runtime === undefined) return next;
      const kept = part.engine === undefined ? next : { ...next, ...emptyEngineOptions };
      const chosen = engines.find(({ kind }) => kind === kept.engine);
      const now = chosen && capabilitiesFor(chosen, kept.runtime || chosen.configured?.runtime);
      return { ...kept, source: now?.sources.includes(kept.source) ? kept.source : firstSource(now) };
    });
  };

  const refuse = (error: AppError | null) => {
    setRefusal(error);
    const { canPull, image } = error?.details ?? {};
    setMissingImage(canPull === true && typeof image === 'string' ? image : null);
  };

  /** An empty image is no mistake before something was typed. */
  const problem = (field: string) => {
    const text = checked.problems.get(field) ?? (fieldOf(refusal) === field ? refusal?.message : undefined);
    // What an engine without a choice of commands says is said at once.
    if (text === undefined || all || fieldOf(refusal) === field || field === 'command') return text;
    return isTouched(field, form, touched) ? text : undefined;
  };

  return {
    form,
    engine,
    capabilities,
    checked,
    change,
    problem,
    shown: [...checked.problems.keys()].filter((field) => problem(field) !== undefined).length,
    filled: typedOf(form) !== beginning,
    showAll: () => setAll(true),
    refusal,
    refuse,
    missingImage,
    pulls,
    pulled: () => {
      setRefusal(null);
      setMissingImage(null);
      setPulls((count) => count + 1);
    },
  };
}
