import type { Capabilities, Capability, EngineOffer } from '../../../shared/model/engine.ts';
import { addedUpCpuTime, hostLimits } from '../host-limits.ts';
import type { RuntimeName } from './job.ts';

const yes: Capability = { support: 'enforced' };
const enforced = (note: string): Capability => ({ support: 'enforced', note });
const no = (note: string): Capability => ({ support: 'unsupported', note });

const NO_SYSTEM = 'a WebAssembly module sees nothing of the system';
const noNetwork = no('a WebAssembly module has no network');

const perProgram = (what: string) => enforced(`${what}, for each program`);

function capabilitiesOf(runtime: RuntimeName): Capabilities {
  const isModule = runtime === 'wasi';
  return {
    isolation: 'wasm',
    limits: {
      ...hostLimits,
      cpuCores: no('a program has one thread, and that one may use a whole core'),
      memoryBytes: perProgram('of the module’s own memory; what runs it takes some more'),
      processes: no('there are no processes inside'),
      openFiles: no('a program has no more than 512 files open'),
      fileSizeBytes: no('the size of one file is not looked at'),
      cpuTimeMs: addedUpCpuTime,
      fuel: perProgram(
        isModule
          ? 'WebAssembly instructions, counted exactly. Time and chance are the same in every run then, so that this count is'
          : 'WebAssembly instructions of the interpreter, counted exactly; time and chance are the same in every run then',
      ),
    },
    network: { none: yes, loopback: noNetwork, allowlist: noNetwork, full: noNetwork },
    profiles: { trusted: no('everything in it is kept apart'), standard: no('strict is what there is'), strict: yes },
    features: {
      exec: yes,
      console: yes,
      command: yes,
      logs: enforced('without times; the two streams’ order among each other is not kept'),
      pause: { support: 'best-effort', note: 'its process is stopped by a signal' },
      ports: noNetwork,
      mounts: yes,
      images: no('a module is a file'),
      updateLimits: no('limits are built into the module when it starts'),
      userns: no(NO_SYSTEM),
      filesystem: no('it sees its workspace and its mounts, and nothing else'),
      overlay: no('it writes to its workspace'),
      python: no('make a virtualenv sandbox for it'),
      packages: no('what is in the workspace can be imported'),
      snapshots: no('the memory of a module is not saved'),
    },
    sources: isModule ? ['module', 'directory'] : ['empty', 'directory'],
    defaults: { network: { mode: 'none' }, profile: 'strict' },
  };
}

export const wasmOffer: EngineOffer = {
  capabilities: capabilitiesOf('wasi'),
  runtimes: [
    {
      name: 'quickjs',
      title: 'JavaScript (QuickJS)',
      tradeOff:
        'A small JavaScript engine inside WebAssembly: starts in no time, far slower than Node, without its modules.',
      capabilities: capabilitiesOf('quickjs'),
    },
    {
      name: 'python',
      title: 'Python (Pyodide)',
      tradeOff: 'CPython with its standard library inside WebAssembly: no processes, no threads, no network.',
      capabilities: capabilitiesOf('python'),
    },
  ],
};
