import { readModule } from '../gauge.ts';
import { runStart } from '../run-wasi.ts';
import { createWasiImports, unknownImports, WASI_MODULE } from '../wasi-imports.ts';
import { isGuestExit } from '../wasi-process.ts';
import { createCapture } from './output.ts';
import { type Ending, MOST_RESULT } from './protocol.ts';
import type { Handler, HandlerOptions } from './serve.ts';

/** Of what was written to stderr, as the stack of a module that failed. */
const MOST_STACK = 4096;

/**
 * Command modules of WASI preview 1: the payload is their input, JSON their output, and stderr their logs. Each
 * invocation is a new instance of the compiled module: nothing can stay, whatever is asked for.
 */
export function serveWasi({ job, files, gauge, load }: HandlerOptions): Handler {
  const refuse = (message: string): Handler => ({ refused: { type: 'threw', name: 'TypeError', message, stack: '' } });
  let output: Buffer[] = [];
  let size = 0;
  const capture = createCapture((bytes) => {
    size += bytes.length;
    if (size <= MOST_RESULT) output.push(Buffer.from(bytes));
  });
  const module = new WebAssembly.Module(readModule(job));
  const importsFor = (memory: () => WebAssembly.Memory) =>
    createWasiImports({
      files,
      argv: [load.handler],
      env: load.env,
      preopens: [],
      memory,
      world: gauge.world,
      streams: capture.streams,
    });
  const given = importsFor(() => new WebAssembly.Memory({ initial: 0 }));
  const unknown = unknownImports(module, new Set(Object.keys(given)));
  if (unknown.length > 0) return refuse(`the module asks for what it cannot have: ${unknown.join(', ')}`);
  const isCommand = WebAssembly.Module.exports(module).some(
    ({ name, kind }) => name === '_start' && kind === 'function',
  );
  if (!isCommand) return refuse('the module is no command: it exports no function _start');
  // A command that stayed would have run already.
  if (load.keepState) return refuse('a module keeps nothing from one invocation to the next');

  const run = (): number => {
    let memory: WebAssembly.Memory | undefined;
    const imports = importsFor(() => {
      if (!memory) throw new TypeError('the module has no memory');
      return memory;
    });
    const { exports } = new WebAssembly.Instance(module, { [WASI_MODULE]: imports as WebAssembly.ModuleImports });
    if (exports.memory instanceof WebAssembly.Memory) memory = exports.memory;
    gauge.watch(exports, memory ?? new WebAssembly.Memory({ initial: 0 }));
    gauge.begin();
    try {
      runStart(exports);
      (exports._start as () => void)();
      return 0;
    } catch (error) {
      if (isGuestExit(error)) return error.exitCode;
      throw error;
    }
  };
  return {
    capture,
    invoke(): Ending {
      output = [];
      size = 0;
      const code = run();
      if (code !== 0) {
        const { logs } = capture.logs();
        const said = logs.map(({ text }) => text).join('');
        return {
          type: 'threw',
          name: 'ExitError',
          message: `it ended with exit code ${code}`,
          stack: said.slice(-MOST_STACK),
        };
      }
      if (size > MOST_RESULT) {
        const message = `the result is ${size} bytes, and at most ${MOST_RESULT} are taken`;
        return { type: 'threw', name: 'RangeError', message, stack: '' };
      }
      const text = Buffer.concat(output).toString().trim();
      return { type: 'returned', result: text === '' ? 'null' : text };
    },
    renew: async () => undefined,
  };
}
