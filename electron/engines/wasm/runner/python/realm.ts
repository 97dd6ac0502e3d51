import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import vm from 'node:vm';
import type { Job } from '../../job.ts';
import { u32 } from '../../metering/binary.ts';
import { type Gauge, readModule } from '../gauge.ts';
import { errnoOf } from '../guest-error.ts';
import type { Guest } from '../run-wasi.ts';
import { ownStreams, type Streams } from '../standard-streams.ts';
import { BOOTSTRAP } from './bootstrap.ts';
import { createFileCalls } from './file-calls.ts';
import { inside, type RealmGuest, type RealmHost } from './realm-inside.ts';

const NS_PER_MS = 1_000_000;
const WASM = 'pyodide.asm.wasm';
const DYLINK = 'dylink.wasm';
const SNAPSHOT = 'terrarium.snapshot';
const SECTION = 'dylink.0';
const NOTHING = new Uint8Array();

export interface RealmOptions {
  readonly terminal: boolean;
  readonly sleep: (ms: number) => void;
  readonly terminalSize: () => { readonly columns: number; readonly rows: number };
  /** The job's module, compiled; it is read and compiled when undefined. */
  readonly module?: WebAssembly.Module;
  /** This process's own when undefined. */
  readonly streams?: Streams;
  readonly makeSnapshot?: boolean;
}

interface Pyodide {
  readonly runPython: (source: string) => unknown;
}

export interface PythonRealm {
  /** Ties it to its files and streams. From here on it is the guest that burns fuel. */
  readonly connect: (workdir: string) => void;
  /** Python's own, in its realm: call it with primitives only. */
  readonly pyodide: Pyodide;
  /**
   * Runs with an event loop and gives its value as text. Rejects with an Error that has Python's `type` of what was
   * raised; and when the interpreter breaks, e.g. without fuel: it runs nothing more then.
   */
  readonly run: (source: string) => Promise<string>;
  readonly interruptBuffer: () => SharedArrayBuffer;
  readonly takeSnapshot: () => Buffer;
  /** It is not used any more. */
  readonly dispose: () => void;
}

/**
 * Starts Pyodide in a realm of its own. From Python every JavaScript object can be reached that Pyodide knows,
 * and from each the realm that it is of: so that realm is one in which there is nothing of Node.
 */
export async function createPythonRealm(
  { job, files, ledger }: Pick<Guest, 'job' | 'files'> & { readonly ledger: Gauge },
  options: RealmOptions,
): Promise<PythonRealm> {
  const { streams = ownStreams } = options;
  const library = job.library ?? '';
  const { world } = ledger;
  const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: true } });
  if (job.limits.fuel !== undefined) vm.runInContext(`(${keepAll.toString()})()`, context);
  const module = options.module ?? compilePyodide(job);
  const loaded = new Map<string, Uint8Array>();
  /** A file of Pyodide's own: a name without folders. */
  const fileOf = (name: string): Uint8Array | null => {
    const known = loaded.get(name);
    if (known) return known;
    if (name === WASM) return NOTHING;
    if (name === DYLINK) return dylinkOf(module);
    if (name.includes('/') || name.startsWith('.')) return null;
    try {
      const path = name === SNAPSHOT ? (job.snapshot ?? '') : join(library, name);
      const bytes = readFileSync(path);
      loaded.set(name, bytes);
      return bytes;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return null;
      throw error;
    }
  };

  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  // What breaks the interpreter may break it in a timer of its own event loop, or in a promise of that.
  const events = ['uncaughtException', 'unhandledRejection'];
  const onBroken = (error: unknown) => broken.reject(fromInside(error));
  for (const event of events) process.on(event, onBroken);
  const timers = new Set<NodeJS.Timeout>();
  const runs = new Map<number, PromiseWithResolvers<string>>();
  let lastRun = 0;
  const host: RealmHost = {
    size: (name) => fileOf(name)?.length ?? -1,
    read(name, into) {
      const bytes = fileOf(name);
      if (bytes) into.set(bytes);
      loaded.delete(name);
    },
    write: (fd, bytes) => streams.write(fd === 2 ? 2 : 1, bytes),
    input: (into) => streams.read(into),
    // Out of fuel it has much to say, none of which is the reason.
    complain: (text) => ledger.limitHit() === 'fuel' || streams.write(2, Buffer.from(`${text}\n`)),
    uptimeMs: () => Number(world.uptime()) / NS_PER_MS,
    timeMs: () => Number(world.time() / 1_000_000n),
    random: (into) => world.fillRandomly(into),
    decode: (encoding, bytes) => new TextDecoder(encoding).decode(bytes),
    utf8Length: (text) => Buffer.byteLength(text),
    encode: (text, into) => void new TextEncoder().encodeInto(text, into),
    timer(id, ms) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        guest.fire(id);
      }, ms);
      timers.add(timer);
    },
    module: () => module,
    sleep(ms) {
      options.sleep(ms);
      world.slept(ms);
    },
    columns: () => options.terminalSize().columns,
    rows: () => options.terminalSize().rows,
    instantiated: (exports, memory) => ledger.watch(exports as WebAssembly.Exports, memory as WebAssembly.Memory),
    growthRefused: ledger.refuse,
    settled(id, isDone, text, type) {
      const waiter = runs.get(id);
      runs.delete(id);
      if (isDone) waiter?.resolve(text);
      else waiter?.reject(Object.assign(new Error(text), { type }));
    },
    ...createFileCalls(files),
  };
  const guest = enter(context, host);
  /** A module of Pyodide's. A promise that `import()` gave would be of this realm, so there it is something else. */
  const importModule = async (name: string): Promise<object> => {
    const source = readFileSync(join(library, name), 'utf8').replace(/(?<![\w$.])import\(/g, 'terrariumImport(');
    const module = new vm.SourceTextModule(source, {
      context,
      identifier: `app:///${name}`,
      initializeImportMeta: (meta) => {
        meta.url = `app:///${name}`;
      },
    });
    await module.link(() => {
      throw new Error('Pyodide’s modules import nothing');
    });
    await module.evaluate();
    return module.namespace;
  };
  guest.offer(await importModule('pyodide.asm.mjs'));
  const namespace = await importModule('pyodide.mjs');
  const { loadPyodide } = namespace as { readonly loadPyodide: (options: object) => Promise<Pyodide> };
  const pyodide = await loadPyodide(guest.options(job.snapshot ? SNAPSHOT : null, options.makeSnapshot ?? false));
  // What comes from a snapshot has it.
  if (!job.snapshot) pyodide.runPython(BOOTSTRAP);
  return {
    connect(workdir) {
      guest.connect(pyodide, JSON.stringify(job.roots.map(({ path }) => path)), workdir, options.terminal);
      ledger.begin();
    },
    pyodide,
    run(source) {
      lastRun += 1;
      const run = Promise.withResolvers<string>();
      runs.set(lastRun, run);
      try {
        guest.run(pyodide, source, lastRun);
      } catch (error) {
        run.reject(fromInside(error));
      }
      return Promise.race([run.promise, broken.promise]);
    },
    interruptBuffer: () => guest.interruptBuffer(pyodide),
    takeSnapshot: () => Buffer.from(guest.snapshot(pyodide)),
    dispose() {
      for (const event of events) process.off(event, onBroken);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** Not by a promise: nothing would keep the process until that is there. */
export const compilePyodide = (job: Job): WebAssembly.Module => new WebAssembly.Module(readModule(job));

/** A module that has nothing but the section in it that tells how Pyodide's is linked. */
function dylinkOf(module: WebAssembly.Module): Uint8Array {
  const [content] = WebAssembly.Module.customSections(module, SECTION);
  const name = Buffer.from(SECTION);
  const body = [...u32(name.length), ...name, ...new Uint8Array(content ?? new ArrayBuffer(0))];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, ...u32(body.length), ...body]);
}

/**
 * What V8 collects would be let go in Python too, which burns fuel: more or less of it, as V8 finds the time.
 * Runs in the realm, see `inside`.
 */
function keepAll(): void {
  Object.assign(globalThis, {
    FinalizationRegistry: class {
      readonly register = () => undefined;
      readonly unregister = () => false;
    },
    WeakRef: class<T extends object> {
      readonly deref: () => T;
      constructor(target: T) {
        this.deref = () => target;
      }
    },
  });
}

/** What came out of the realm, as an Error that has nothing of it. */
function fromInside(error: unknown): Error {
  try {
    return new Error(String(error));
  } catch {
    return new Error('something that cannot be shown');
  }
}

const viewOf = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getterOf = (name: string) => {
  const { get } = Object.getOwnPropertyDescriptor(viewOf, name) ?? {};
  if (!get) throw new TypeError(`views of bytes have no ${name}`);
  return (view: unknown): never => Reflect.apply(get, view, []) as never;
};
const [bufferOf, offsetOf, lengthOf] = [getterOf('buffer'), getterOf('byteOffset'), getterOf('length')];

/**
 * Evaluates the inner side in the realm. What comes out of it are primitives and bytes; those are seen by a view of
 * this realm, as methods of the other one can be the guest's. What goes in are primitives, and Pyodide's module.
 */
function enter(context: vm.Context, host: RealmHost): RealmGuest {
  const isObject = (value: unknown) => typeof value === 'object' || typeof value === 'function';
  const own = (arg: unknown): unknown => {
    if (!isObject(arg)) return arg;
    if (types.isUint8Array(arg)) return new Uint8Array(bufferOf(arg), offsetOf(arg), lengthOf(arg));
    throw new TypeError('only bytes come out of the realm');
  };
  const checked = Object.fromEntries(
    Object.entries(host).map(([name, call]: [string, (...args: unknown[]) => unknown]) => [
      name,
      (...args: unknown[]) => {
        const result = call(...(name === 'instantiated' ? args : args.map(own)));
        return name === 'module' || !isObject(result) ? result : undefined;
      },
    ]),
  );
  const start: unknown = vm.runInContext(`'use strict'; (${inside.toString()})`, context, { filename: 'terrarium' });
  return (start as (given: unknown) => RealmGuest)(checked);
}
