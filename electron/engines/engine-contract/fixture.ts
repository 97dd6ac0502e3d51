import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'vitest';
import type { SourcedSpec } from '../../../shared/model/configured-spec.ts';
import { type Capabilities, capabilitiesFor, type EngineReport } from '../../../shared/model/engine.ts';
import { type Exit, sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { type SandboxSpec, sandboxSpecInputSchema, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type {
  ConsoleRequest,
  CreateRequest,
  Engine,
  EngineConsole,
  EngineObject,
  ExecRequest,
  Task,
} from '../engine.ts';
import { type Programs, shellPrograms } from './programs.ts';

/** What one engine brings so that the suite can be run against it. */
export interface EngineHarness {
  /** Null when the engine works on this machine, else why not and how to get it. */
  readonly available: () => Promise<string | null>;
  /** A new instance over the same owner and the given state folder: the second call adopts what the first made. */
  readonly makeEngine: (home: string) => Promise<Engine>;
  /** What every sandbox of the suite is made from: at least the engine and a source with a POSIX shell. */
  readonly baseSpec: SourcedSpec;
  /** How a sandbox without a shell says what the suite's programs are to do. */
  readonly programs?: Programs;
  /** Ends the main program of a running sandbox behind the engine's back, as a user would in a shell. */
  readonly changeOutside?: (object: EngineObject) => Promise<void>;
  /** False when this machine's /proc does not show what runs inside (a VM, a cluster). */
  readonly processesVisible?: boolean;
}

export interface Fixture {
  readonly engine: Engine;
  readonly report: EngineReport;
  /** Of the runtime that the suite is run for. */
  readonly capabilities: Capabilities;
  readonly harness: EngineHarness;
  readonly programs: Programs;
  readonly makeEngine: () => Promise<Engine>;
  readonly create: (overrides?: Partial<SourcedSpec>) => Promise<EngineObject>;
  readonly running: (overrides?: Partial<SourcedSpec>, by?: Engine) => Promise<EngineObject>;
  /** For another way of making a sandbox than `create`: gives the request, and keeps what was made until `clear`. */
  readonly make: (
    overrides: Partial<SourcedSpec>,
    how: (request: CreateRequest) => Promise<EngineObject>,
  ) => Promise<EngineObject>;
  /** Refs of what the engine lists as ours; others on this machine come and go. */
  readonly ours: () => Promise<readonly string[]>;
  /** Tries to create, and changes its mind when the engine first tells of progress. */
  readonly createCancelled: () => Promise<EngineObject>;
  /** Destroys all that was made and not yet cleared, and lets go of all engines but the first. */
  readonly clear: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}

export async function createFixture(harness: EngineHarness, home: string): Promise<Fixture> {
  const engines: Engine[] = [];
  const made: { ref: string; directory: string }[] = [];
  const makeEngine = async () => {
    const engine = await harness.makeEngine(home);
    engines.push(engine);
    return engine;
  };
  const engine = await makeEngine();
  const report = await engine.probe();
  const capabilities = capabilitiesFor(report, harness.baseSpec.runtime);
  if (!capabilities) throw new Error(`the engine has no runtime ${harness.baseSpec.runtime}`);

  const make: Fixture['make'] = async (overrides, how) => {
    const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
    const directory = join(home, 'sandboxes', id);
    await mkdir(directory, { recursive: true });
    const spec = completeSpec({ ...harness.baseSpec, ...overrides }, capabilities);
    const request = { id, generation: 3, spec, directory, portRange: { first: 28_000, last: 28_999 } };
    const object = await how(request);
    made.push({ ref: object.ref, directory });
    return object;
  };
  const create = (overrides: Partial<SourcedSpec> = {}, task: Task = quietTask(), by = engine) =>
    make(overrides, (request) => by.create(request, task));

  const clear = async () => {
    for (const { ref, directory } of made.splice(0)) {
      await engine.destroy(ref);
      await rm(directory, { recursive: true, force: true });
    }
    for (const other of engines.splice(1)) await other.dispose();
  };

  return {
    engine,
    report,
    capabilities,
    harness,
    programs: harness.programs ?? shellPrograms,
    makeEngine,
    create: (overrides) => create(overrides),
    make,
    async createCancelled() {
      const controller = new AbortController();
      const cancel = () => controller.abort(new Error('cancelled'));
      return create({}, { signal: controller.signal, progress: cancel });
    },
    running: async (overrides, by = engine) => by.start((await create(overrides, quietTask(), by)).ref),
    ours: async () => (await engine.list()).filter(({ owned }) => owned !== null).map(({ ref }) => ref),
    clear,
    async dispose() {
      await clear();
      for (const each of engines) await each.dispose();
    },
  };
}

function quietTask(): Task {
  return { signal: new AbortController().signal, progress: () => undefined };
}

/** Fills in what the host would: a name and the engine's default network and profile. */
function completeSpec(input: SourcedSpec, { defaults }: Capabilities): SandboxSpec {
  return sandboxSpecSchema.parse({
    name: 'contract',
    ...defaults,
    ...sandboxSpecInputSchema.parse(input),
  });
}

/** `it` where a case applies. What cannot be asked of an engine is not a test that was skipped. */
export function itWhere(applies: boolean): (title: string, body: () => Promise<void>) => void {
  return (title, body) => {
    if (applies) it(title, body);
  };
}

/** Polls until the condition holds; the message says what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(25);
  }
}

export interface RunResult {
  readonly exit: Exit;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export async function run(
  engine: Engine,
  ref: string,
  argv: readonly string[],
  options: Partial<ExecRequest> & { readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
  const { signal = new AbortController().signal, ...request } = options;
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const exit = await engine.exec(
    ref,
    { env: {}, ...request, argv },
    // Copied, because an engine may reuse the chunk's memory once the listener has returned.
    { signal, onOutput: (stream, chunk) => void chunks[stream].push(Uint8Array.from(chunk)) },
  );
  return { exit, stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) };
}

export const sh = (script: string): readonly string[] => ['sh', '-c', script];
export const command = (script: string): string[] => ['sh', '-c', script];

/** A number of seconds that no other process on this machine sleeps: it names a process in /proc. */
export const uniqueSleep = (): string => String(randomInt(100_000_000, 999_999_999));

/** Pids of this machine's live processes that have exactly this argument. Zombies have none. */
export async function processesWith(argument: string): Promise<readonly number[]> {
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = (await commandLineOf(name)).replace(/\0+$/, '');
    // One that has given itself a title has nothing but spaces in between.
    if (line.split(line.includes('\0') ? '\0' : ' ').includes(argument)) pids.push(Number(name));
  }
  return pids;
}

/** Empty of one that is gone, and of a zombie. */
async function commandLineOf(pid: string): Promise<string> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  for (let look = 0; look < LOOKS; look += 1) {
    const line = await read('cmdline');
    // In the middle of execve(2) a process has memory, and no arguments for a moment.
    if (line !== '' || !/^VmSize:/m.test(await read('status'))) return line;
    await sleep(1);
  }
  return '';
}

/** Some programs take their arguments away for good. */
const LOOKS = 100;

export interface Terminal {
  readonly console: EngineConsole;
  readonly output: () => string;
  readonly waitFor: (text: string) => Promise<void>;
}

export async function openTerminal(
  engine: Engine,
  ref: string,
  request: Partial<ConsoleRequest> = {},
): Promise<Terminal> {
  const opened = await engine.openConsole(ref, { cols: 80, rows: 24, ...request });
  const chunks: Buffer[] = [];
  opened.onOutput((chunk) => void chunks.push(Buffer.from(Uint8Array.from(chunk))));
  const output = () => Buffer.concat(chunks).toString('utf8');
  return {
    console: opened,
    output,
    waitFor: (text) =>
      until(`the terminal to show ${JSON.stringify(text)}`, () => output().includes(text)).catch((error: unknown) => {
        throw new Error(`${String(error)}; it shows ${JSON.stringify(output().slice(-2000))}`);
      }),
  };
}
