import { bestEffort, enforced, unsupported } from '../../../shared/model/capability.ts';
import type { Capabilities, EngineOffer } from '../../../shared/model/engine.ts';
import { addedUpCpuTime, hostLimits } from '../host-limits.ts';
import { filesCapability } from '../local/local-files.ts';
import type { RuntimeName } from './job.ts';

const NO_SYSTEM = 'a WebAssembly module sees nothing of the system';
const noNetwork = unsupported('a WebAssembly module has no network');

const perProgram = (what: string) => enforced(`${what}, for each program`);

function capabilitiesOf(runtime: RuntimeName): Capabilities {
  const isModule = runtime === 'wasi';
  const isPython = runtime === 'python';
  return {
    isolation: 'wasm',
    limits: {
      ...hostLimits,
      cpuCores: unsupported('a program has one thread, and that one may use a whole core'),
      memoryBytes: perProgram('of the module’s own memory; what runs it takes some more'),
      processes: unsupported('there are no processes inside'),
      openFiles: unsupported('a program has no more than 512 files open'),
      fileSizeBytes: unsupported('the size of one file is not looked at'),
      cpuTimeMs: addedUpCpuTime,
      fuel: perProgram(
        isModule
          ? 'WebAssembly instructions, counted exactly. Time and chance are the same in every run then, so that this count is'
          : 'WebAssembly instructions of the interpreter, counted exactly; time and chance are the same in every run then',
      ),
    },
    network: { none: enforced(), loopback: noNetwork, allowlist: noNetwork, full: noNetwork },
    profiles: {
      trusted: unsupported('everything in it is kept apart'),
      standard: unsupported('strict is what there is'),
      strict: enforced(),
    },
    features: {
      exec: enforced(),
      execSignals: unsupported('a WebAssembly module knows no signals; a command can be killed'),
      console: enforced(),
      command: enforced(),
      logs: enforced('the two streams’ order among each other is not kept'),
      logTimes: unsupported('a log here is a plain file, without times'),
      pause: bestEffort('its process is stopped by a signal'),
      ports: noNetwork,
      mounts: enforced(),
      images: unsupported('a module is a file'),
      updateLimits: enforced('memory and fuel, of programs that start from then on'),
      userns: unsupported(NO_SYSTEM),
      filesystem: unsupported('it sees its workspace and its mounts, and nothing else'),
      overlay: unsupported('it writes to its workspace'),
      python: isPython
        ? enforced('where packages come from: a folder with wheels or an index, which this machine asks')
        : unsupported('make a virtualenv sandbox for it'),
      packages: isPython
        ? enforced('wheels in pure Python (py3-none-any), unpacked into the workspace')
        : unsupported('what is in the workspace can be imported'),
      snapshots: unsupported('the memory of a module is not saved'),
      files: filesCapability(process.platform, 'its workspace, /tmp and its mounts'),
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
