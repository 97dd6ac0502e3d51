import { withConfigured } from '../../../shared/model/configured-spec.ts';
import type { EngineOffer } from '../../../shared/model/engine.ts';
import { type LimitName, type Limits, limitNames } from '../../../shared/model/limits.ts';
import { refusals } from '../../../shared/model/refusal.ts';
import {
  type EngineKind,
  type NetworkMode,
  type Profile,
  type SandboxSpecInput,
  type Source,
  sandboxSpecInputSchema,
} from '../../../shared/model/spec.ts';
import { hasDecimalComma, parseBytes, parseDuration, parsePlainNumber } from '../../../shared/units.ts';
import { issueWords } from '../../entities/issue-words.ts';
import { splitCommand } from '../../lib/command-line.ts';
import type { Strings } from '../../strings/en.ts';
import { type EngineOptions, emptyEngineOptions, toEngineOptions } from './engine-options.ts';

export interface EnvRow {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}
export interface MountRow {
  readonly key: number;
  readonly hostPath: string;
  readonly path: string;
  readonly readOnly: boolean;
}
export interface PortRow {
  readonly key: number;
  readonly port: string;
  readonly hostPort: string;
  readonly protocol: 'tcp' | 'udp';
}

/** What stands in the dialog: text as it was typed. */
export interface Form extends EngineOptions {
  readonly engine: EngineKind;
  readonly source: Source['type'];
  readonly image: string;
  readonly folder: string;
  /** Where a WebAssembly module lies. */
  readonly module: string;
  readonly name: string;
  readonly command: string;
  readonly workdir: string;
  readonly limits: Readonly<Partial<Record<LimitName, string>>>;
  readonly network: NetworkMode | 'default';
  readonly hosts: string;
  readonly profile: Profile | 'default';
  readonly env: readonly EnvRow[];
  readonly mounts: readonly MountRow[];
  readonly ports: readonly PortRow[];
  readonly ttl: string;
  /** As it is configured, when nobody has said. */
  readonly allowBestEffort: boolean | undefined;
  readonly start: boolean;
}

export const emptyForm: Omit<Form, 'engine' | 'source'> = {
  ...emptyEngineOptions,
  image: '',
  folder: '',
  module: '',
  name: '',
  command: '',
  workdir: '',
  limits: {},
  network: 'default',
  hosts: '',
  profile: 'default',
  env: [],
  mounts: [],
  ports: [],
  ttl: '',
  allowBestEffort: undefined,
  start: true,
};

/** What is wrong, by the field's path in the spec, e.g. `limits.memoryBytes` or `ports.0.port`. */
export type Problems = ReadonlyMap<string, string>;

export interface Checked {
  /** What `create` takes; null while there are problems. */
  readonly spec: SandboxSpecInput | null;
  readonly problems: Problems;
}

const limitParsers: Readonly<
  Record<
    LimitName,
    readonly [parse: (text: string) => number | undefined, kind: 'notANumber' | 'notASize' | 'notATime']
  >
> = {
  cpuCores: [parsePlainNumber, 'notANumber'],
  memoryBytes: [parseBytes, 'notASize'],
  diskBytes: [parseBytes, 'notASize'],
  processes: [parsePlainNumber, 'notANumber'],
  openFiles: [parsePlainNumber, 'notANumber'],
  fileSizeBytes: [parseBytes, 'notASize'],
  wallTimeMs: [parseDuration, 'notATime'],
  idleTimeMs: [parseDuration, 'notATime'],
  cpuTimeMs: [parseDuration, 'notATime'],
  outputBytes: [parseBytes, 'notASize'],
  fuel: [parsePlainNumber, 'notANumber'],
};

/** Reads the dialog: the schema and the refusals are the host's own. */
export function checkForm(
  form: Form,
  offer: EngineOffer | undefined,
  strings: Strings,
  isTaken: (name: string) => boolean,
): Checked {
  const text = strings.create;
  const problems = new Map<string, string>();
  const report = (field: string, message: string) => {
    // The first is the nearest to what was typed.
    if (!problems.has(field)) problems.set(field, message);
  };

  const limits: Limits = {};
  for (const name of limitNames) {
    const typed = form.limits[name]?.trim() ?? '';
    if (typed === '') continue;
    const [parse, kind] = limitParsers[name];
    const value = parse(typed);
    if (value === undefined) report(`limits.${name}`, hasDecimalComma(typed) ? text.decimalPoint : text[kind]);
    else limits[name] = value;
  }

  if (isTaken(form.name.trim())) report('name', text.nameTaken);

  const command = splitCommand(form.command);
  if (command === undefined) report('command', text.unclosedQuote);
  const ttlMs = form.ttl.trim() === '' ? undefined : parseDuration(form.ttl);
  if (form.ttl.trim() !== '' && ttlMs === undefined)
    report('ttlMs', hasDecimalComma(form.ttl) ? text.decimalPoint : text.notATime);

  const env: Record<string, string> = {};
  for (const [index, { name, value }] of form.env.entries()) {
    if (name === '' && value === '') continue;
    if (name === '') report(`env.${index}`, text.required);
    else if (Object.hasOwn(env, name)) report(`env.${index}`, text.envTwice);
    env[name] = value;
  }
  const portNumber = (field: string, typed: string) => {
    const value = parsePlainNumber(typed);
    if (value === undefined) report(field, typed.trim() === '' ? text.required : text.notANumber);
    return value ?? 1;
  };

  const draft: SandboxSpecInput = {
    engine: form.engine,
    ...toEngineOptions(form),
    ...withSource(form, offer),
    ...(form.name.trim() === '' ? {} : { name: form.name.trim() }),
    ...(command === undefined || command.length === 0 ? {} : { command: [...command] }),
    ...(form.workdir.trim() === '' ? {} : { workdir: form.workdir.trim() }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(form.profile === 'default' ? {} : { profile: form.profile }),
    ...(form.network === 'default' ? {} : { network: toNetwork(form.network, form.hosts) }),
    limits,
    env,
    mounts: form.mounts.map(({ hostPath, path, readOnly }) => ({ hostPath, path, readOnly })),
    ports: form.ports.map(({ port, hostPort, protocol }, index) => ({
      port: portNumber(`ports.${index}.port`, port),
      ...(hostPort.trim() === '' ? {} : { hostPort: portNumber(`ports.${index}.hostPort`, hostPort) }),
      protocol,
    })),
    ...(form.allowBestEffort === undefined ? {} : { allowBestEffort: form.allowBestEffort }),
  };

  const parsed = sandboxSpecInputSchema.safeParse(draft, { error: issueWords(strings) });
  for (const issue of parsed.error?.issues ?? []) {
    // What is wrong with a record's key lies one level deeper.
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    report(fieldOf(issue.path, form), message);
  }
  for (const { field, message } of offer ? refusals(withConfigured(draft, offer), offer) : []) report(field, message);
  return { spec: problems.size === 0 ? draft : null, problems };
}

/** Nothing where the configuration says which image it is. */
function withSource(form: Form, offer: EngineOffer | undefined): { readonly source?: Source } {
  const isLeft = form.source === 'image' && form.image.trim() === '' && offer?.configured?.image !== undefined;
  return isLeft ? {} : { source: toSource(form) };
}

function toSource({ source, image, folder, module }: Form): Source {
  if (source === 'image') return { type: 'image', reference: image.trim() };
  if (source === 'directory') return { type: 'directory', path: folder.trim() };
  if (source === 'module') return { type: 'module', path: module.trim() };
  return { type: 'empty' };
}

function toNetwork(mode: NetworkMode, hosts: string): NonNullable<SandboxSpecInput['network']> {
  if (mode !== 'allowlist') return { mode };
  return { mode, hosts: hosts.split(/[\s,]+/).filter((host) => host !== '') };
}

/** The path of an issue in the spec as the path of the field where it was typed. */
function fieldOf(path: readonly PropertyKey[], form: Form): string {
  const [first, second] = path;
  if (first === 'source') return 'source';
  if (first === 'command') return 'command';
  // What is typed in one field, a line each.
  if (first === 'filesystem' || first === 'python') return path.slice(0, 2).map(String).join('.');
  if (first === 'network') return second === 'hosts' ? 'network.hosts' : 'network';
  if (first === 'env') return `env.${form.env.findIndex((row) => row.name === second)}`;
  return path.map(String).join('.');
}
