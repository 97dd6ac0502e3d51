import { resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { AppError } from '../../../shared/model/error.ts';
import { quantityWords } from '../../../shared/model/handwritten.ts';
import { engineKinds } from '../../../shared/model/kinds.ts';
import type { SandboxSpecInput } from '../../../shared/model/spec.ts';
import { parseBytes, parseDuration } from '../../../shared/units.ts';
import { readSpec } from './spec-file.ts';

export const bytes = (text: string): number => read(text, parseBytes(text), 'a size, such as 512MiB');
export const duration = (text: string): number => read(text, parseDuration(text), 'a time, such as 90s or 5min');
export const number = (text: string): number => read(text, text.trim() === '' ? Number.NaN : Number(text), 'a number');

export function portNumber(text: string): number {
  const port = number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new AppError('invalid_input', `“${text}” is not a port: 0 to 65535`);
}

/** `10m` ago, `2026-01-31T12:00:00Z` (this machine's time without a zone), or seconds since 1970; in milliseconds since 1970. */
export function moment(text: string): number {
  const typed = text.trim();
  if (/^\d{9,}(\.\d+)?$/.test(typed)) return Math.round(Number(typed) * 1000);
  const ago = parseDuration(typed);
  if (ago !== undefined) return Math.max(0, Date.now() - ago);
  // A date alone would be read as one in Greenwich.
  const date = /^\d{4}-\d\d-\d\d$/.test(typed) ? `${typed}T00:00` : typed;
  const isDate = /^\d{4}-\d\d-\d\d/.test(date);
  return read(text, isDate ? Date.parse(date) : undefined, 'a time, such as 10m or 2026-01-31T12:00:00Z');
}

function read(text: string, value: number | undefined, what: string): number {
  if (value === undefined || Number.isNaN(value)) throw new AppError('invalid_input', `“${text}” is not ${what}`);
  return value;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export const environmentOption = new Option(
  '--env <NAME=value>',
  'a variable; NAME alone takes this shell’s, if it has one',
).argParser(collect);

function splitPair(pair: string): readonly [name: string, value: string | undefined] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)];
}

export function environmentOf(pairs: readonly string[] = []): Record<string, string> {
  const given = pairs.map(splitPair).map(([name, value]) => [name, value ?? process.env[name]] as const);
  return Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function labelsOf(pairs: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(splitPair).map(([name, value]) => [name, value ?? '']));
}

/** Options of `create` and `run`. */
export const specOptions = [
  new Option('-e, --engine <engine>', 'what holds it').choices(engineKinds),
  new Option('-n, --name <name>', 'its name; one is made up when missing'),
  new Option('--image <reference>', 'from a container image'),
  new Option('-d, --directory <folder>', 'works on a folder of yours'),
  new Option('--module <file>', 'from a WebAssembly module'),
  new Option('--runtime <name>', 'a runtime of the engine, e.g. quickjs, runsc'),
  new Option('--cpus <cores>', 'CPU cores it may use, e.g. 0.5').argParser(number),
  new Option('--memory <size>', 'memory, e.g. 512MiB').argParser(bytes),
  new Option('--processes <count>', 'processes and threads').argParser(number),
  new Option('--time-limit <time>', 'stopped after so long, e.g. 5min').argParser(duration),
  new Option('--network <mode>', 'what it reaches').choices(['none', 'loopback', 'full'] as const),
  new Option('--profile <name>', 'how locked down').choices(['trusted', 'standard', 'strict'] as const),
  environmentOption,
  new Option('-p, --port <port>', 'publishes a port on 127.0.0.1').argParser(collect),
  new Option('-l, --label <name=value>', 'a label').argParser(collect),
  new Option('--best-effort', 'accepts limits that the engine can only try to hold'),
  new Option('--no-best-effort', 'does not, whatever is configured'),
  new Option('-f, --file <spec>', 'a spec in YAML, JSON or TOML, - for standard input; options go over it'),
] as const;

export interface SpecFlags {
  readonly engine?: SandboxSpecInput['engine'];
  readonly name?: string;
  readonly image?: string;
  readonly directory?: string;
  readonly module?: string;
  readonly runtime?: string;
  readonly cpus?: number;
  readonly memory?: number;
  readonly processes?: number;
  readonly timeLimit?: number;
  readonly network?: 'none' | 'loopback' | 'full';
  readonly profile?: 'trusted' | 'standard' | 'strict';
  readonly env?: readonly string[];
  readonly port?: readonly string[];
  readonly label?: readonly string[];
  readonly bestEffort?: boolean;
  readonly file?: string;
}

/** What options ask for, by field of the spec. Tables may be empty. */
export function fieldsOf(flags: SpecFlags, command: readonly string[]) {
  const source = sourceOf(flags);
  return {
    ...(flags.engine === undefined ? {} : { engine: flags.engine }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(source === undefined ? {} : { source }),
    ...(flags.runtime === undefined ? {} : { runtime: flags.runtime }),
    ...(command.length === 0 ? {} : { command }),
    ...(flags.network === undefined ? {} : { network: { mode: flags.network } }),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(flags.bestEffort === undefined ? {} : { allowBestEffort: flags.bestEffort }),
    ...(flags.port === undefined ? {} : { ports: flags.port.map(portOf) }),
    limits: {
      ...(flags.cpus === undefined ? {} : { cpuCores: flags.cpus }),
      ...(flags.memory === undefined ? {} : { memoryBytes: flags.memory }),
      ...(flags.processes === undefined ? {} : { processes: flags.processes }),
      ...(flags.timeLimit === undefined ? {} : { wallTimeMs: flags.timeLimit }),
    },
    env: environmentOf(flags.env),
    labels: labelsOf(flags.label),
  };
}

/** The spec that flags and file ask for together. Throws `invalid_input` naming what is wrong. */
export async function specOf(flags: SpecFlags, command: readonly string[]): Promise<SandboxSpecInput> {
  return specOver(await fileOf(flags), flags, command);
}

/** What a spec file says. It is read once: it may be a pipe. */
export const fileOf = async ({ file }: SpecFlags): Promise<Readonly<Record<string, unknown>>> =>
  file === undefined ? {} : readSpec(file);

/** The same over a file that was read. */
export async function specOver(
  file: Readonly<Record<string, unknown>>,
  flags: SpecFlags,
  command: readonly string[],
): Promise<SandboxSpecInput> {
  const asked = fieldsOf(flags, command);
  const draft = {
    ...file,
    ...asked,
    limits: over(file.limits, asked.limits),
    env: over(file.env, asked.env),
    labels: over(file.labels, asked.labels),
  };
  const whole = { ...draft, engine: draft.engine ?? usualEngine(draft) };
  // A tenth of a second to load, which the commands without a spec need not wait for.
  const { sandboxSpecInputSchema } = await import('../../../shared/model/spec.ts');
  const parsed = sandboxSpecInputSchema.safeParse(whole);
  if (parsed.success) return whole as SandboxSpecInput;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join('.') || 'the spec';
  const quantity = issue?.code === 'invalid_type' ? quantityWords(field) : undefined;
  const what = quantity === undefined ? (issue?.message ?? 'not valid') : `expected ${quantity}`;
  throw new AppError('invalid_input', `${field}: ${what}`, { details: { field } });
}

/** Without one, the engine that what is asked for can be had of. */
function usualEngine({ source }: { readonly source?: unknown }): SandboxSpecInput['engine'] {
  const type = (source as { readonly type?: unknown } | undefined)?.type;
  if (type === 'image') return 'docker';
  return type === 'module' ? 'wasm' : 'process';
}

function sourceOf({ image, directory, module }: SpecFlags): SandboxSpecInput['source'] | undefined {
  const given = [image, directory, module].filter((each) => each !== undefined);
  if (given.length > 1) throw new AppError('invalid_input', 'Give one of --image, --directory and --module');
  if (image !== undefined) return { type: 'image', reference: image };
  if (directory !== undefined) return { type: 'directory', path: resolve(directory) };
  return module === undefined ? undefined : { type: 'module', path: resolve(module) };
}

/** `8080`, `9000:8080` (this machine's first), `53/udp`. */
function portOf(text: string): { port: number; hostPort?: number; protocol: 'tcp' | 'udp' } {
  const found = /^(?:(\d+):)?(\d+)(?:\/(tcp|udp))?$/.exec(text);
  if (!found) throw new AppError('invalid_input', `“${text}” is not a port, such as 8080, 9000:8080 or 53/udp`);
  const [, hostPort, port, protocol = 'tcp'] = found;
  return {
    port: Number(port),
    ...(hostPort === undefined ? {} : { hostPort: Number(hostPort) }),
    protocol: protocol as 'tcp' | 'udp',
  };
}

/** What is no table is left as it is, for the schema to refuse. */
function over(base: unknown, flags: Readonly<Record<string, unknown>>): unknown {
  if (base === undefined) return flags;
  return typeof base === 'object' && base !== null && !Array.isArray(base) ? { ...base, ...flags } : base;
}
