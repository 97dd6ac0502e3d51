import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import type { EngineOffer } from '../../../shared/model/engine.ts';
import {
  type FunctionSettings,
  type FunctionSpecInput,
  functionSettingsSchema,
  functionSpecInputSchema,
} from '../../../shared/model/function.ts';
import { functionRefusals } from '../../../shared/model/function-refusal.ts';
import {
  formatBytes,
  formatDuration,
  hasDecimalComma,
  parseBytes,
  parseDuration,
  parsePlainNumber,
} from '../../../shared/units.ts';
import { issueWords } from '../../entities/issue-words.ts';
import type { Strings } from '../../strings/en.ts';

/** What stands in the form: text as it was typed. */
export interface SettingsForm {
  readonly timeoutMs: string;
  readonly idleTimeMs: string;
  readonly maxConcurrency: string;
  readonly maxQueue: string;
  readonly keepState: boolean;
  readonly keepPayloads: boolean;
  readonly handler: string;
  readonly memoryBytes: string;
  readonly fuel: string;
  readonly allowBestEffort: boolean;
}

export type SettingsField = keyof SettingsForm;

export interface CheckedSettings {
  readonly problems: ReadonlyMap<string, string>;
  /** What has changed; both undefined when nothing has, or something is wrong. */
  readonly settings: FunctionSettings | undefined;
  /** Makes a new version. */
  readonly spec: FunctionSpecInput | undefined;
}

type Shown = Pick<ServerlessFunction, 'settings'> & { readonly spec: FunctionSpecInput };

export function formOf({ settings, spec }: Shown): SettingsForm {
  const { timeoutMs, idleTimeMs, maxConcurrency, maxQueue, keepState, keepPayloads } = settings;
  return {
    timeoutMs: exactly(timeoutMs, formatDuration, parseDuration, (ms) => `${ms} ms`),
    idleTimeMs: exactly(idleTimeMs, formatDuration, parseDuration, (ms) => `${ms} ms`),
    maxConcurrency: String(maxConcurrency),
    maxQueue: String(maxQueue),
    keepState,
    keepPayloads,
    handler: 'handler' in spec.code ? (spec.code.handler ?? 'handler') : '',
    memoryBytes: exactly(spec.limits?.memoryBytes, formatBytes, parseBytes, (bytes) => `${bytes} B`),
    fuel: spec.limits?.fuel === undefined ? '' : spec.limits.fuel.toLocaleString('en-US'),
    allowBestEffort: spec.allowBestEffort ?? false,
  };
}

/** As people write it where that says the same, or else every digit. */
function exactly(
  value: number | undefined,
  format: (value: number) => string,
  parse: (text: string) => number | undefined,
  plain: (value: number) => string,
): string {
  if (value === undefined) return '';
  const text = format(value);
  return parse(text) === value ? text : plain(value);
}

const settingParsers = {
  timeoutMs: [parseDuration, 'notATime'],
  idleTimeMs: [parseDuration, 'notATime'],
  maxConcurrency: [parsePlainNumber, 'notANumber'],
  maxQueue: [parsePlainNumber, 'notANumber'],
} as const;
const limitParsers = { memoryBytes: [parseBytes, 'notASize'], fuel: [parsePlainNumber, 'notANumber'] } as const;

/** Reads the form: the schemas and the refusals are the host's own. */
export function checkSettings(
  form: SettingsForm,
  whole: ServerlessFunction,
  offer: EngineOffer | undefined,
  strings: Strings,
): CheckedSettings {
  const problems = new Map<string, string>();
  const report = (field: string, message: string) => {
    // The first is the nearest to what was typed.
    if (!problems.has(field)) problems.set(field, message);
  };
  const read = (field: SettingsField, parse: (text: string) => number | undefined, kind: NumberKind) => {
    const typed = String(form[field]).trim();
    const value = parse(typed);
    if (value !== undefined) return value;
    const words = strings.create;
    report(field, typed === '' ? words.required : hasDecimalComma(typed) ? words.decimalPoint : words[kind]);
    return undefined;
  };

  const wanted: Record<string, unknown> = { keepState: form.keepState, keepPayloads: form.keepPayloads };
  for (const [field, [parse, kind]] of entries(settingParsers)) wanted[field] = read(field, parse, kind);
  const { memoryBytes: _memory, fuel: _fuel, ...others } = whole.spec.limits ?? {};
  const limits: NonNullable<FunctionSpecInput['limits']> = others;
  for (const [field, [parse, kind]] of entries(limitParsers)) {
    if (form[field].trim() !== '') limits[field] = read(field, parse, kind);
  }
  const code = 'handler' in whole.spec.code ? { ...whole.spec.code, handler: form.handler.trim() } : whole.spec.code;
  const draft = { ...whole.spec, code, limits, allowBestEffort: form.allowBestEffort } as FunctionSpecInput;

  const words = { error: issueWords(strings) };
  for (const { path, message } of functionSettingsSchema.safeParse(wanted, words).error?.issues ?? []) {
    report(String(path[0]), message);
  }
  for (const { path, message } of functionSpecInputSchema.safeParse(draft, words).error?.issues ?? []) {
    report(String(path.at(-1)), message);
  }
  for (const { field, message } of offer ? functionRefusals(draft, offer) : []) {
    report(field.replace(/^limits\./, ''), message);
  }
  if (problems.size > 0) return { problems, settings: undefined, spec: undefined };
  const settings = functionSettingsSchema.parse(wanted);
  return {
    problems,
    settings: same(settings, whole.settings) ? undefined : settings,
    spec: same(formOf({ ...whole, spec: draft }), formOf(whole)) ? undefined : draft,
  };
}

type NumberKind = 'notATime' | 'notANumber' | 'notASize';
const entries = <T extends object>(object: T) => Object.entries(object) as [keyof T, T[keyof T]][];
const same = (a: object, b: object) =>
  Object.entries(a).every(([key, value]) => value === (b as Readonly<Record<string, unknown>>)[key]);
