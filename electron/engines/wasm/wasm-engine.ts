import { pino } from 'pino';
import type { Log } from '../../lib/log.ts';
import type { Engine } from '../engine.ts';
import { inAppErrors } from '../local/errors.ts';
import { createLocalEngine } from '../local/local-engine.ts';
import { wasmOffer } from './capabilities.ts';
import { createFunctionStore } from './functions.ts';
import { createWasmLauncher } from './launcher.ts';
import { createFileMaker } from './made-files.ts';
import { createMeteredModules } from './metered-modules.ts';
import { inspectModule, moduleCopy } from './module-file.ts';
import { createWheelStore, refuseSettings } from './packages/package-store.ts';
import { probe } from './probe.ts';
import { createPythonSnapshot } from './python-snapshot.ts';
import { createRunnerProgram } from './runner-program.ts';

/**
 * Sandboxes of WebAssembly: modules of WASI preview 1, JavaScript in QuickJS, Python in Pyodide. Each program is a
 * process of its own that holds one module and gives it its workspace and nothing else of this machine.
 */
export function createWasmEngine(options: {
  readonly owner: string;
  readonly home: string;
  readonly platform?: NodeJS.Platform;
  readonly log?: Log;
}): Engine {
  const { home, platform = process.platform, log = pino({ enabled: false }) } = options;
  const runnerProgram = createRunnerProgram(home);
  const makeFile = createFileMaker(runnerProgram);
  const python = createPythonSnapshot(home, makeFile);
  const metered = createMeteredModules({ home, runnerProgram, makeFile, log });
  const runners = { runnerProgram, python, metered };
  const engine = createLocalEngine({
    ...options,
    kind: 'wasm',
    probe: () => probe(platform),
    offer: () => wasmOffer,
    launcher: createWasmLauncher(runners),
  });
  const wheels = createWheelStore(engine.sandboxOf);
  return {
    ...engine,
    async create(request, task) {
      refuseSettings(request.spec.python);
      const object = await engine.create(request, task);
      const { packages = [] } = request.spec.python ?? {};
      if (packages.length === 0) return object;
      try {
        await wheels.install(object.ref, { requirements: packages, fromFile: false }, task);
        return object;
      } catch (error) {
        await engine.destroy(object.ref);
        throw error;
      }
    },
    packages: [wheels],
    functions: createFunctionStore(runners),
    modules: {
      inspect: (path) => inAppErrors(() => inspectModule(path)),
      async of(ref) {
        const sandbox = await engine.sandboxOf(ref);
        const { source } = sandbox.manifest.spec;
        if (source.type !== 'module') return null;
        return inAppErrors(() => inspectModule(moduleCopy(sandbox), source.path));
      },
    },
  };
}
