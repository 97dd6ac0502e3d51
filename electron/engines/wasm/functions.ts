import { stat } from 'node:fs/promises';
import { AppError } from '../../../shared/model/error.ts';
import { type LimitName, limitWords } from '../../../shared/model/limits.ts';
import { ifThere } from '../../lib/if-there.ts';
import type { FunctionInstance, FunctionRequest, FunctionStore, Invocation } from '../engine.ts';
import { type FunctionProcess, startFunctionProcess } from './function-process.ts';
import { JOB, type Job, type RuntimeName } from './job.ts';
import type { Runners } from './launcher.ts';
import { checkMemory } from './least-memory.ts';
import { libraries } from './libraries.ts';
import { nodeOptions } from './node-options.ts';
import type { PythonSnapshot } from './python-snapshot.ts';

const HELD: ReadonlySet<string> = new Set<LimitName>(['memoryBytes', 'fuel']);

/**
 * Functions in WebAssembly. Each instance is a process of the runner's that sees no file of this machine but its own
 * code, starts nothing and has no network; it ends with this process. What state is between invocations, and how it
 * is undone, is in `runner/function`: QuickJS goes back to a copy of its memory, Python and modules of WASI get a new
 * instance of the compiled module for each.
 */
export function createFunctionStore({ runnerProgram, python, metered }: Runners): FunctionStore {
  return {
    async open(request, signal) {
      const runtime = runtimeFor(request);
      checkLimits(request, runtime);
      if (request.source.type === 'module') await checkModule(request.source.path);
      if (runtime === 'python') await python.ensure(signal);
      const runner = await runnerProgram();
      signal.throwIfAborted();
      const unmetered = await jobFor(request, runtime, python);
      const job = { ...unmetered, metered: await metered.ensure(unmetered.module, unmetered.limits) };
      signal.throwIfAborted();
      const argv = [process.execPath, ...nodeOptions(job, runner.folder), runner.file];
      // Nothing of this process's environment; TZ as for sandboxes.
      const started = await startFunctionProcess(argv, {
        ELECTRON_RUN_AS_NODE: '1',
        TZ: 'UTC',
        [JOB]: JSON.stringify(job),
      });
      try {
        await load(started, request, signal);
      } catch (error) {
        await started.kill();
        throw error;
      }
      return instanceOf(started);
    },
  };
}

function runtimeFor({ runtime, source }: FunctionRequest): RuntimeName {
  if (source.type === 'module' && runtime === undefined) return 'wasi';
  const name = runtime ?? 'quickjs';
  if (source.type === 'text' && (name === 'quickjs' || name === 'python')) return name;
  throw new AppError('invalid_input', `There is no runtime ${name} for this function’s code.`, {
    hint: 'Choose quickjs or python for source code, and none for a module.',
    details: { field: 'runtime' },
  });
}

function checkLimits({ limits, keepState }: FunctionRequest, runtime: RuntimeName): void {
  const asked = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name] of asked) {
    if (HELD.has(name)) continue;
    const words = limitWords[name as LimitName];
    throw new AppError('unsupported', `A function in WebAssembly has no limit on ${words}.`, {
      hint: 'Leave it out: there are limits on memory and on fuel.',
      details: { field: `limits.${name}` },
    });
  }
  checkMemory(runtime, limits.memoryBytes);
  if (keepState && runtime === 'wasi') {
    throw new AppError('unsupported', 'A module keeps nothing from one invocation to the next.', {
      hint: 'Leave state out, or write the function in JavaScript or Python.',
      details: { field: 'keepState' },
    });
  }
}

async function checkModule(path: string): Promise<void> {
  const found = await ifThere(stat(path));
  if (found?.isFile()) return;
  throw new AppError('invalid_input', `The module ${path} ${found ? 'is not a file' : 'does not exist'}.`, {
    hint: 'Choose a .wasm file that exists.',
    details: { field: 'source.path' },
  });
}

async function jobFor({ source, limits }: FunctionRequest, runtime: RuntimeName, python: PythonSnapshot): Promise<Job> {
  const library = runtime === 'wasi' ? null : libraries[runtime]();
  const { fuel, memoryBytes } = limits;
  return {
    runtime,
    roots: [],
    workdir: '/',
    module: library?.module ?? (source.type === 'module' ? source.path : ''),
    metered: null,
    library: library?.folder ?? null,
    snapshot: runtime === 'python' ? await python.path() : null,
    makes: null,
    limits: { fuel, memoryBytes },
    account: null,
    serves: true,
    standby: false,
    endsAtOnce: false,
    interactive: false,
  };
}

async function load(started: FunctionProcess, request: FunctionRequest, signal: AbortSignal): Promise<void> {
  const { source, handler, env, keepState } = request;
  const message = await started.ask(
    { type: 'load', source: source.type === 'text' ? source.text : null, handler, env, keepState },
    signal,
  );
  if (message.type === 'loaded') return;
  const outcome = message.type === 'refused' ? message.outcome : null;
  if (outcome?.type === 'limit') {
    throw new AppError(
      'limit_exceeded',
      `The code has used up its limit of ${limitWords[outcome.limit]} while it was loaded.`,
      {
        hint: 'Raise the limit, or do less outside of the handler.',
        details: { limit: outcome.limit },
      },
    );
  }
  if (!outcome) throw new AppError('internal', 'The function’s process gave no sense.');
  const { name, message: text, stack } = outcome;
  throw new AppError('invalid_input', `The function’s code cannot be loaded: ${name}: ${text}`, {
    hint: stack === '' ? 'Mend the code.' : stack,
    details: { field: 'source', name, message: text, stack },
  });
}

function instanceOf(started: FunctionProcess): FunctionInstance {
  return {
    pid: started.pid,
    ended: started.ended,
    close: started.kill,
    async invoke(payload, signal): Promise<Invocation> {
      const message = await started.ask({ type: 'invoke', payload }, signal);
      if (message.type !== 'answer') throw new AppError('internal', 'The function’s process gave no sense.');
      // It has told all that it can; whoever asks `ended` next shall know.
      if (message.answer.outcome.type === 'limit') await started.kill();
      return message.answer;
    },
  };
}
