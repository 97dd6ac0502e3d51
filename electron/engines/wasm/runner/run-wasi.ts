import type { Job } from '../job.ts';
import { START } from '../metering/meter.ts';
import { readModule } from './gauge.ts';
import type { GuestFiles } from './guest-files.ts';
import type { Ledger } from './ledger.ts';
import { writeText } from './standard-streams.ts';
import type { Warm } from './standby.ts';
import { createWasiImports, unknownImports, WASI_MODULE } from './wasi-imports.ts';

export interface Guest {
  readonly job: Job;
  /** What was made ready before anybody asked, see `standby.ts`. */
  readonly warm?: Warm | undefined;
  readonly files: GuestFiles;
  readonly ledger: Ledger;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export const compileGuest = (job: Job): WebAssembly.Module => new WebAssembly.Module(readModule(job));

/** As a shell says that it may not run something. */
const NOT_RUNNABLE = 126;

/** Runs a module of WASI preview 1 to its end and gives its exit code. */
export function runWasi({ job, files, ledger, argv, env, warm }: Guest): number {
  let module: WebAssembly.Module;
  try {
    module = warm?.modules.get(job.module) ?? compileGuest(job);
  } catch (error) {
    // It is broken, or it needs more memory to begin with than it may have.
    writeText(2, `terrarium: the module cannot run: ${error instanceof Error ? error.message : String(error)}\n`);
    return ledger.close({ code: NOT_RUNNABLE });
  }
  let memory: WebAssembly.Memory | undefined;
  const imports = createWasiImports({
    files,
    argv,
    env,
    preopens: [
      // What libc takes relative paths from.
      { name: '.', path: job.workdir },
      ...job.roots.map(({ path }) => ({ name: path, path })),
    ],
    memory: () => {
      if (!memory) throw new TypeError('the module has no memory');
      return memory;
    },
    world: ledger.world,
    onCall: ledger.note,
  });
  const unknown = unknownImports(module, new Set(Object.keys(imports)));
  if (unknown.length > 0) {
    writeText(2, `terrarium: the module asks for what it cannot have: ${unknown.join(', ')}\n`);
    return ledger.close({ code: NOT_RUNNABLE });
  }
  try {
    const instance = new WebAssembly.Instance(module, { [WASI_MODULE]: imports as WebAssembly.ModuleImports });
    const { exports } = instance;
    if (exports.memory instanceof WebAssembly.Memory) memory = exports.memory;
    ledger.watch(exports, memory ?? new WebAssembly.Memory({ initial: 0 }));
    ledger.begin();
    runStart(exports);
    return ledger.close({ code: call(exports, argv) });
  } catch (error) {
    return ledger.close({ error });
  }
}

/** What the meter has kept back, so that it burns of the guest's fuel. */
export function runStart({ [START]: start }: WebAssembly.Exports): void {
  if (typeof start === 'function') start();
}

/** A command runs by itself; of a reactor the export is called that the first argument names, with numbers. */
function call(exports: WebAssembly.Exports, [, name, ...numbers]: readonly string[]): number {
  const { _start: start, _initialize: initialize } = exports;
  if (typeof start === 'function') {
    start();
    return 0;
  }
  if (typeof initialize === 'function') initialize();
  const functions = Object.keys(exports).filter(
    (key) => typeof exports[key] === 'function' && key !== '_initialize' && key !== START,
  );
  const chosen = name === undefined || !functions.includes(name) ? undefined : exports[name];
  if (typeof chosen !== 'function') {
    writeText(2, `terrarium: the module is a reactor; name one of its functions: ${functions.join(', ')}\n`);
    return 2;
  }
  const result: unknown = chosen(...numbers.map(toNumber));
  if (result !== undefined) writeText(1, `${String(result)}\n`);
  return 0;
}

/** `12n` is a 64-bit integer, as in JavaScript. */
const toNumber = (text: string): number | bigint => (/^-?\d+n$/.test(text) ? BigInt(text.slice(0, -1)) : Number(text));
