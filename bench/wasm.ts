import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FUEL, meter } from '../electron/engines/wasm/metering/meter.ts';
import { createWasmEngine } from '../electron/engines/wasm/wasm-engine.ts';
import { capabilitiesFor } from '../shared/model/engine.ts';
import { sandboxIdSchema } from '../shared/model/sandbox.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../shared/model/spec.ts';
import { type Benchmark, type Outcomes, toOutcomes } from './benchmark.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 9;
const TURNS = 50_000_000;
const MEGABYTE = 1e6;
/** A process that was started ahead is ready when it has not computed for so long. */
const TICK_MS = 50;
const QUIET_TICKS = 6;

const section = (id: number, ...bytes: readonly number[]) => [id, bytes.length, ...bytes];
/** A function's code, without locals. */
const body = (...code: readonly number[]) => [code.length + 1, 0, ...code];
const name = (text: string) => [text.length, ...Buffer.from(text)];
const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** `_start` does nothing. */
const trivial = Uint8Array.from([
  ...HEAD,
  ...section(1, 1, 0x60, 0, 0),
  ...section(3, 1, 0),
  ...section(5, 1, 0, 1),
  ...section(7, 2, ...name('_start'), 0, 0, ...name('memory'), 2, 0),
  ...section(10, 1, ...body(0x0b)),
]);

/** `_start` waits for a clock that takes longer than the benchmark: `poll_oneoff(0, 64, 1, 128)`. */
const waiting = Uint8Array.from([
  ...HEAD,
  ...section(1, 2, 0x60, 0, 0, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f),
  ...section(2, 1, ...name('wasi_snapshot_preview1'), ...name('poll_oneoff'), 0, 1),
  ...section(3, 1, 0),
  ...section(5, 1, 0, 1),
  ...section(7, 2, ...name('_start'), 0, 1, ...name('memory'), 2, 0),
  ...section(10, 1, ...body(0x41, 0, 0x41, 0xc0, 0, 0x41, 1, 0x41, 0x80, 1, 0x10, 0, 0x1a, 0x0b)),
  // A monotonic clock, 2^40 ns from now.
  ...section(11, 1, 0, 0x41, 16, 0x0b, 14, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
]);

const MULTIPLIER = [0x41, 0x8d, 0xcc, 0xe5, 0];
const INCREMENT = [0x41, 0xdf, 0xe6, 0xbb, 0xe3, 3];
/** `spin(n, x)`: x = x * 1664525 + 1013904223, n times over. */
const spinning = Uint8Array.from([
  ...HEAD,
  ...section(1, 1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f),
  ...section(3, 1, 0),
  ...section(7, 1, ...name('spin'), 0, 0),
  ...section(
    10,
    1,
    ...body(
      ...[0x03, 0x40, 0x20, 1, ...MULTIPLIER, 0x6c, ...INCREMENT, 0x6a, 0x21, 1],
      ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1, 0x0b],
    ),
  ),
]);

function spinOf(fuel: boolean): (turns: number, x: number) => number {
  const bytes = fuel ? meter(spinning, { fuel: true, maxPages: undefined }) : spinning;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes)));
  if (fuel) (exports[FUEL] as WebAssembly.Global).value = 2n ** 62n;
  return exports.spin as (turns: number, x: number) => number;
}

function spinInJavaScript(turns: number, begin: number): number {
  let x = begin;
  for (let left = turns; left > 0; left -= 1) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}

const PAGE_BYTES = 4096;

/** As the engine counts it: without what is shared with other processes. */
async function residentBytes(pid: number): Promise<number> {
  const [, resident = 0, shared = 0] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ').map(Number);
  return (resident - shared) * PAGE_BYTES;
}

/** Node with nothing to do, started as a guest's process is. */
async function idleNodeBytes(): Promise<number> {
  const child = spawn(process.execPath, ['-e', "setInterval(() => {}, 1e6); console.log('up')"], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(child.stdout, 'data');
    await sleep(200);
    return await residentBytes(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Waits until a process stands by for the sandbox and has nothing left to make ready. */
async function untilStanding(id: string, signal: AbortSignal): Promise<void> {
  let last = '';
  for (let quiet = 0; quiet < QUIET_TICKS; ) {
    await sleep(TICK_MS, undefined, { signal });
    const now = await standingUse(id);
    quiet = now !== '' && now === last ? quiet + 1 : 0;
    last = now;
  }
}

/** Which process stands by and how long it has computed; empty: none does. */
async function standingUse(id: string): Promise<string> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.includes(`TERRARIUM_SANDBOX_ID=${id}\0`) || !environment.includes('"standby":true')) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return [pid, ...(stat.split(') ')[1]?.split(' ').slice(11, 13) ?? [])].join(' ');
  }
  return '';
}

export const wasm: Benchmark = {
  figures: [
    'wasmStartMs',
    'wasmColdStartMs',
    'quickjsStartMs',
    'quickjsColdStartMs',
    'pyodideStartMs',
    'pyodideColdStartMs',
    'pyodideFirstStartMs',
    'fuelOverhead',
    'wasmOverhead',
    'wasmRssMB',
  ],
  needsBrowser: false,
  async run({ signal }): Promise<Outcomes> {
    const home = await mkdtemp(join(tmpdir(), 'terrarium-bench-'));
    const engine = createWasmEngine({ owner: 'bench', home });
    const report = await engine.probe();
    const refs: string[] = [];
    const running = async (input: Partial<SandboxSpecInput>) => {
      const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
      const directory = join(home, 'sandboxes', id);
      await mkdir(directory, { recursive: true });
      const parsed = sandboxSpecInputSchema.parse({ engine: 'wasm', source: { type: 'empty' }, ...input });
      const capabilities = capabilitiesFor(report, parsed.runtime);
      const spec = sandboxSpecSchema.parse({ name: 'bench', ...capabilities?.defaults, ...parsed });
      const portRange = { first: 28_000, last: 28_999 };
      await engine.create({ id, generation: 0, spec, directory, portRange }, { signal, progress: () => undefined });
      refs.push(id);
      await engine.start(id);
      return id;
    };
    const exec = (ref: string, argv: readonly string[]) =>
      timed(() => engine.exec(ref, { argv, env: {} }, { signal, onOutput: () => undefined }));
    try {
      const module = join(home, 'trivial.wasm');
      await writeFile(module, trivial);
      const waiter = join(home, 'waiting.wasm');
      await writeFile(waiter, waiting);
      const wasi = await running({ source: { type: 'module', path: module } });
      const quickjs = await running({ runtime: 'quickjs' });
      const python = await running({ runtime: 'python' });
      const snapshots = (await readdir(join(home, 'wasm'))).filter((file) => file.endsWith('.snapshot'));
      const programs = {
        wasm: [wasi, ['trivial']],
        quickjs: [quickjs, ['js', '-e', '']],
        pyodide: [python, ['python', '-c', '']],
      } as const;
      /** With the process that stands by since the last command. */
      const warm = async ([ref, argv]: readonly [string, readonly string[]]) => {
        await untilStanding(ref, signal);
        return exec(ref, argv);
      };
      /** The first command since the sandbox was started: nothing stands by. */
      const cold = async ([ref, argv]: readonly [string, readonly string[]]) => {
        await engine.stop(ref, 0);
        await engine.start(ref);
        return exec(ref, argv);
      };
      const starts = await byTurns(ROUNDS, signal, {
        wasmColdStartMs: () => cold(programs.wasm),
        wasmStartMs: () => warm(programs.wasm),
        quickjsColdStartMs: () => cold(programs.quickjs),
        quickjsStartMs: () => warm(programs.quickjs),
        pyodideColdStartMs: () => cold(programs.pyodide),
        pyodideStartMs: () => warm(programs.pyodide),
      });
      for (const file of snapshots) await rm(join(home, 'wasm', file));
      const first = await byTurns(2, signal, { pyodideFirstStartMs: () => cold(programs.pyodide) });

      const [plain, metered] = [spinOf(false), spinOf(true)];
      const loops = await byTurns(ROUNDS, signal, {
        plain: async () => timed(async () => plain(TURNS, 1)),
        metered: async () => timed(async () => metered(TURNS, 1)),
        javaScript: async () => timed(async () => spinInJavaScript(TURNS, 1)),
      });
      const ratios = (over: readonly number[], under: readonly number[]) =>
        over.map((value, round) => value / (under[round] ?? Number.NaN));

      const waitingOne = await running({ source: { type: 'module', path: waiter }, command: ['waiting'] });
      const rss: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        await sleep(300, undefined, { signal });
        const { memoryBytes } = (await engine.sample([waitingOne])).get(waitingOne) ?? {};
        // The wrapper of a main program is a shell, which is among what is counted.
        rss.push(((memoryBytes ?? Number.NaN) - (await idleNodeBytes())) / MEGABYTE);
      }
      return {
        ...toOutcomes({ ...starts, ...first }),
        fuelOverhead: { samples: ratios(loops.metered, loops.plain) },
        wasmOverhead: { samples: ratios(loops.plain, loops.javaScript) },
        wasmRssMB: { samples: rss },
      };
    } finally {
      for (const ref of refs) await engine.destroy(ref);
      await engine.dispose();
      await rm(home, { recursive: true, force: true });
    }
  },
};
