import type { Origin, SettingsState } from '../../../../shared/contract/settings.ts';
import { readSpec } from '../spec-file.ts';
import { fieldsOf, type SpecFlags } from '../spec-options.ts';
import { leavesOf, lineOf, short, valueAt } from './values.ts';

export interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
}

export async function explainConfig({ config, lines, path }: SettingsState): Promise<readonly Row[]> {
  const { configKeys } = await import('../../../../shared/model/config-schema.ts');
  const leaves = new Map(leavesOf(config));
  // Those that are not set are many: of engines they are left out.
  const unset = configKeys().filter(({ name }) => !name.startsWith('engines.') && !leaves.has(name));
  const given = [...leaves].map(([key, value]): Row => {
    const line = lineOf(key, lines);
    return { key, value, from: line === undefined ? 'default' : `${short(path)}:${line}` };
  });
  return [...given, ...unset.map(({ name }): Row => ({ key: name, value: null, from: 'not set' }))];
}

interface Asked {
  readonly spec: object;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly flags: SpecFlags;
  readonly argv: readonly string[];
  readonly state: SettingsState;
}

export async function explainSpec({ spec, origins, flags, argv, state }: Asked): Promise<readonly Row[]> {
  const byOptions = new Set(namesOf(fieldsOf(flags, argv)));
  const byFile = new Set(flags.file === undefined || flags.file === '-' ? [] : namesOf(await readSpec(flags.file)));
  const fromOf = (name: string, origin: Origin): string => {
    if (origin.type === 'config') return `${short(state.path)}:${lineOf(origin.key, state.lines) ?? '?'}`;
    if (byOptions.has(name)) return 'command line';
    if (byFile.has(name)) return flags.file ?? '';
    return origin.type === 'given' && flags.file === '-' ? 'standard input' : 'default';
  };
  return Object.entries(origins).map(([key, origin]) => ({
    key,
    value: valueAt(spec, key),
    from: fromOf(key, origin),
  }));
}

/** Fields that say something, as origins are named. */
const namesOf = (fields: object): readonly string[] =>
  Object.entries(fields).flatMap(([name, value]) =>
    name === 'limits' && typeof value === 'object' && value !== null
      ? Object.keys(value).map((limit) => `limits.${limit}`)
      : isEmpty(value)
        ? []
        : [name],
  );

const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
