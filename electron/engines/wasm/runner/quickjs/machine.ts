import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { JSValueHandle, QuickJS } from 'quickjs-wasi';
import type { Job } from '../../job.ts';
import { type Gauge, readModule } from '../gauge.ts';
import type { Guest } from '../run-wasi.ts';
import { createHostCalls, forGuest, type QuickJsHost } from './host-calls.ts';
import { type GuestCalls, type HostCalls, prelude } from './prelude.ts';

/** One guest's QuickJS, ready to run. */
export interface Machine {
  readonly vm: QuickJS;
  /** Whether a script ends in the middle of something, and may go on in the next line. */
  readonly isIncomplete: (source: string) => boolean;
  /** Evaluates a script (with `await` at its top) or a module and runs it and its timers to their end. */
  readonly run: (source: string, name: string, kind: 'script' | 'module') => Outcome;
  /**
   * Does something that begins a promise, and runs jobs and timers while that is pending; then what is left of
   * them too, when `forever`. Gives a rejection that nobody handled.
   */
  readonly drive: (begin: () => void, state: () => Outcome['state'], forever: boolean) => string | null;
  /** Gives a promise of what a module exports or of a script's last value. */
  readonly evaluate: (source: string, name: string, kind: 'script' | 'module') => JSValueHandle;
  /** Whether it is the guest's own; all else is the end of the machine: out of fuel, or of this side's stack. */
  readonly isThrownInside: (error: unknown) => boolean;
  /** Keeps the memory as it is. What it gives goes back to that; false: it cannot, as the memory has grown since. */
  readonly keep: () => () => boolean;
}

export type Outcome =
  | { readonly state: 'done'; readonly text: string }
  | { readonly state: 'failed'; readonly text: string }
  /** Nothing is left that could make it go on. */
  | { readonly state: 'pending' };

const loadLibrary = (job: Job) =>
  import(pathToFileURL(`${job.library}/dist/index.js`).href) as Promise<typeof import('quickjs-wasi')>;

export const compileModule = (job: Job): WebAssembly.Module => new WebAssembly.Module(readModule(job));

type MachineGuest = Pick<Guest, 'job' | 'files'> & { readonly ledger: Gauge & { readonly note?: () => void } };
interface MachineOptions {
  readonly interrupted?: (() => boolean) | undefined;
  /** QuickJS, compiled; it is read and compiled when undefined. */
  readonly module?: WebAssembly.Module | undefined;
}

export const createMachine = async (
  guest: MachineGuest,
  host: QuickJsHost,
  options?: MachineOptions,
): Promise<Machine> => (await openMachine(guest, options))(host);

/** A QuickJS that has started. It is made a machine once it is known whose it is. */
export async function openMachine(
  { job, ledger, files }: MachineGuest,
  { interrupted, module = compileModule(job) }: MachineOptions = {},
): Promise<(host: QuickJsHost) => Machine> {
  const { QuickJS, EvalFlags, JSException, MAX_STACK_SIZE } = await loadLibrary(job);
  const { world } = ledger;
  let rejections: string[] = [];
  let host: QuickJsHost | undefined;
  const vm = await QuickJS.create({
    wasm: module,
    wasi: (memory) => ({
      clock_time_get(_clock: number, _precision: bigint, out: number) {
        new DataView(memory.buffer).setBigUint64(out, world.time(), true);
        return 0;
      },
      random_get(pointer: number, length: number) {
        world.fillRandomly(new Uint8Array(memory.buffer, pointer, length));
        return 0;
      },
    }),
    timezoneOffset: 0,
    // Its own guess is more than its module has.
    maxStackSize: MAX_STACK_SIZE,
    ...(interrupted ? { interruptHandler: interrupted } : {}),
    onUnhandledRejection(promise, reason, isHandled) {
      const id = String(promise.identity);
      if (isHandled) rejections = rejections.filter((each) => !each.startsWith(`${id} `));
      else rejections.push(`${id} ${describe(reason)}`);
    },
    moduleLoader: {
      normalize: (base, specifier) =>
        /^\.{0,2}\//.test(specifier) ? posix.resolve(host?.workdir ?? '/', posix.dirname(base), specifier) : specifier,
      load(name) {
        if (name === 'std') return STD_MODULE;
        if (!name.startsWith('/')) throw forGuest(Object.assign(new Error(), { errno: 'ENOENT' }), name);
        return guarded(() => new TextDecoder().decode(calls.readBytes(name)), name);
      },
    },
  });
  const exports: unknown = Reflect.get(vm, 'exports');
  const { memory } = exports as { readonly memory: WebAssembly.Memory };
  ledger.watch(exports as WebAssembly.Exports, memory);

  const calls = createHostCalls(() => {
    if (!host) throw new TypeError('nobody has this machine yet');
    return host;
  });
  const guest = install(vm, calls, ledger.note ?? (() => undefined));
  return (its) => {
    host = { ...its, files };
    guest.begin();
    // What it takes to have its machine is none of the guest's.
    ledger.begin();
    return machine();
  };

  function machine(): Machine {
    const state = (): Outcome => {
      const [name, ...lines] = guest.state().split('\n');
      if (name === 'pending') return { state: 'pending' };
      return { state: name === 'done' ? 'done' : 'failed', text: lines.join('\n') };
    };

    const drive: Machine['drive'] = (begin, stateNow, forever) => {
      rejections = [];
      begin();
      for (;;) {
        vm.executePendingJobs();
        const [rejection] = rejections;
        if (rejection !== undefined && stateNow() !== 'failed') return rejection.slice(rejection.indexOf(' ') + 1);
        if (!forever && stateNow() !== 'pending') return null;
        const wait = guest.wait();
        if (wait < 0 || interrupted?.()) return null;
        calls.sleep(wait);
        guest.fire();
      }
    };

    const evaluate: Machine['evaluate'] = (source, name, kind) =>
      vm.evalCode(source, name, kind === 'module' ? EvalFlags.TYPE_MODULE : EvalFlags.ASYNC);

    return {
      vm,
      drive,
      evaluate,
      isThrownInside: (error) => error instanceof JSException,
      keep() {
        // What the library caches must be in the copy, or it would name what is not there after it.
        for (const each of [vm.undefined, vm.null, vm.true, vm.false, vm.global]) void each.typeof;
        const { memory: copy, stackPointer } = vm.snapshot();
        const stack = (exports as { readonly __stack_pointer: WebAssembly.Global }).__stack_pointer;
        return () => {
          if (memory.buffer.byteLength !== copy.length) return false;
          new Uint8Array(memory.buffer).set(copy);
          stack.value = stackPointer;
          calls.reset();
          return true;
        };
      },
      isIncomplete(source) {
        try {
          // Lines that say nothing go behind it: what is missed there is missed at the end.
          vm.evalCode(`${source}\n\n\n`, '<console>', EvalFlags.ASYNC | EvalFlags.COMPILE_ONLY).dispose();
          return false;
        } catch (error) {
          // All else is the end of the machine: out of fuel, or of this side's stack.
          if (!(error instanceof JSException)) throw error;
          const [, line = '0', column = '1'] = /:(\d+):(\d+)/.exec(error.stack ?? '') ?? [];
          const lines = source.split('\n');
          if (Number(line) > lines.length || error.message === 'unexpected end of comment') return true;
          const begun = lines[Number(line) - 1]?.[Number(column) - 1];
          return error.message === 'unexpected end of string' && begun === '`';
        }
      },
      run(source, name, kind) {
        try {
          const begin = () => {
            using promise = evaluate(source, name, kind);
            guest.follow(promise);
          };
          const rejection = drive(begin, () => state().state, !interrupted);
          return rejection === null ? state() : { state: 'failed', text: rejection };
        } catch (error) {
          // All else is the end of the machine: out of fuel, or of this side's stack.
          if (!(error instanceof JSException)) throw error;
          return {
            state: 'failed',
            text: `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}${stackOf(error)}`,
          };
        }
      },
    };
  }
}

/** `import … from 'std'`: what is in the global of that name. */
const STD_NAMES =
  'args, env, cwd, terminalSize, readFile, readBytes, writeFile, appendFile, exists, stat, list, makeFolder, remove, rename, readInput, readInputBytes, readLine, write, writeBytes, sleep, exit, inspect';
const STD_MODULE = `const { ${STD_NAMES} } = globalThis.std; export { ${STD_NAMES} }; export default globalThis.std;`;

/** Of a guest's exception: its own lines, not those of this side. */
function stackOf({ stack }: { readonly stack?: string | undefined }): string {
  const own = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !/file:\/\/|node:|wasm:/.test(line));
  return own.length === 0 ? '' : `\n${own.join('\n')}`;
}

function describe(reason: JSValueHandle): string {
  if (!reason.isError) return `Uncaught (in promise) ${reason.isString ? reason.toString() : reason.typeof}`;
  const text = (name: string) => reason.getProp(name).consume((handle) => (handle.isString ? handle.toString() : ''));
  return `Uncaught (in promise) ${text('name')}: ${text('message')}\n${text('stack').trimEnd()}`;
}

function guarded<T>(work: () => T, path: string): T {
  try {
    return work();
  } catch (error) {
    throw forGuest(error, path);
  }
}

/** Puts the prelude into a machine, and gives what it answers to. */
function install(vm: QuickJS, calls: HostCalls, note: () => void) {
  using host = vm.newObject();
  const add = (name: string, call: (...args: JSValueHandle[]) => JSValueHandle) => {
    using made = vm.newFunction(`terrarium.${name}`, (...args) => {
      note();
      return call(...args);
    });
    host.setProp(name, made);
  };
  const text = (handle: JSValueHandle | undefined) => handle?.toString() ?? '';
  const nothing = (work: () => void) => {
    work();
    return vm.undefined;
  };
  add('write', (fd, value) => nothing(() => calls.write(fd?.toNumber() ?? 1, text(value))));
  add('writeOutput', (fd, bytes) =>
    nothing(() => calls.writeOutput(fd?.toNumber() ?? 1, bytes?.toArrayBuffer() ?? new ArrayBuffer(0))),
  );
  add('readBytes', (path) => vm.newArrayBuffer(guarded(() => calls.readBytes(text(path)), text(path))));
  add('writeBytes', (path, bytes, append) =>
    nothing(() =>
      guarded(
        () => calls.writeBytes(text(path), bytes?.toArrayBuffer() ?? new ArrayBuffer(0), append?.toBoolean() ?? false),
        text(path),
      ),
    ),
  );
  add('stat', (path) => vm.newString(guarded(() => calls.stat(text(path)), text(path))));
  add('list', (path) => vm.newString(guarded(() => calls.list(text(path)), text(path))));
  add('makeFolder', (path) => nothing(() => guarded(() => calls.makeFolder(text(path)), text(path))));
  add('remove', (path) => nothing(() => guarded(() => calls.remove(text(path)), text(path))));
  add('rename', (from, to) => nothing(() => guarded(() => calls.rename(text(from), text(to)), text(from))));
  add('input', (line) => vm.newArrayBuffer(calls.input(line?.toBoolean() ?? false)));
  add('exit', (code) => nothing(() => calls.exit(code?.toNumber() ?? 0)));
  add('sleep', (ms) => nothing(() => calls.sleep(ms?.toNumber() ?? 0)));
  add('now', () => vm.newNumber(calls.now()));
  add('facts', () => vm.newString(calls.facts()));

  using start = vm.evalCode(`(${prelude.toString()})`, 'terrarium');
  const guest = vm.callFunction(start, vm.undefined, host);
  const ask = (name: keyof GuestCalls, ...args: JSValueHandle[]) => {
    using method = guest.getProp(name);
    return vm.callFunction(method, guest, ...args);
  };
  return {
    begin: () => ask('begin').dispose(),
    wait: () => ask('wait').consume((handle) => handle.toNumber()),
    fire: () => ask('fire').dispose(),
    follow: (promise: JSValueHandle) => ask('follow', promise).dispose(),
    state: () => ask('state').consume((handle) => handle.toString()),
  };
}
