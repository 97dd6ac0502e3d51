import type { Origin, SettingsState } from '../../../../shared/contract/settings.ts';
import { fieldsOf, type SpecFlags } from '../spec-options.ts';
import { leavesOf, lineOf, short, valueAt } from './values.ts';

export interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

export async function explainConfig({ config, lines, path, problem }: SettingsState): Promise<readonly Row[]> {
  const { configKeys } = await import('../../../../shared/model/config-schema.ts');
  const leaves = new Map(leavesOf(config));
  const normal = problem ? 'held before, or default' : 'default';
  // Those that are not set are many: of engines they are left out.
  const unset = configKeys().filter(({ name }) => !name.startsWith('engines.') && !leaves.has(name));
  const given = [...leaves].map(([key, value]): Row => {
    const line = lineOf(key, lines);
    return { key, value, from: line === undefined ? normal : `${short(path)}:${line}` };
  });
  return [...given, ...unset.map(({ name }): Row => ({ key: name, value: null, from: 'not set' }))];
}

interface Asked {
  readonly spec: object;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly flags: SpecFlags;
  /** What the spec file says. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly argv: readonly string[];
  readonly state: SettingsState;
}

export async function explainSpec({ spec, origins, flags, file, argv, state }: Asked): Promise<readonly Row[]> {
  const options = fieldsOf(flags, argv);
  const fromOf = (name: string, origin: Origin): string => {
    if (origin.type === 'config') return `${short(state.path)}:${lineOf(origin.key, state.lines) ?? '?'}`;
    if (says(options, name)) return 'command line';
    if (!says(file, name)) return 'default';
    return flags.file === '-' ? 'standard input' : (flags.file ?? '');
  };
  return Object.entries(origins).map(([key, origin]) => ({
    key,
    value: fieldAt(spec, key),
    from: fromOf(key, origin),
  }));
}

/** Names of labels may have dots. */
function fieldAt(spec: object, key: string): unknown {
  const [table = '', ...steps] = key.split('.');
  const value = valueAt(spec, table);
  return steps.length === 0 ? value : (value as Readonly<Record<string, unknown>> | undefined)?.[steps.join('.')];
}

/** Whether there is something at a name, as origins are named. */
function says(fields: object, name: string): boolean {
  const value = fieldAt(fields, name);
  return value !== undefined && !(typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
