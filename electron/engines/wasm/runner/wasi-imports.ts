import type { GuestFiles } from './guest-files.ts';
import { ownStreams, type Streams } from './standard-streams.ts';
import { createMemoryView, errnoNumber, SUCCESS } from './wasi-abi.ts';
import { createDescriptors } from './wasi-descriptors.ts';
import { createFileCalls } from './wasi-files.ts';
import { createProcessCalls, isGuestExit } from './wasi-process.ts';
import type { World } from './world.ts';

export const WASI_MODULE = 'wasi_snapshot_preview1';

export interface WasiOptions {
  readonly files: GuestFiles;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folders that the guest is given, as it names them. */
  readonly preopens: readonly { readonly name: string; readonly path: string }[];
  readonly memory: () => WebAssembly.Memory;
  readonly world: World;
  /** This process's own when undefined. */
  readonly streams?: Streams;
  /** Before each call of the guest's: a moment at which what it used can be looked at. */
  readonly onCall?: () => void;
}

/** All of WASI preview 1. What fails is an errno for the guest; only its own end is thrown. */
export function createWasiImports(options: WasiOptions): Readonly<Record<string, (...args: never[]) => number>> {
  const { files, preopens, memory, onCall, streams = ownStreams } = options;
  const view = createMemoryView(memory);
  const fds = createDescriptors(files, preopens, streams);
  const calls = { ...createFileCalls(files, fds, view, streams), ...createProcessCalls(options, fds, view) };
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      (...args: never[]) => {
        onCall?.();
        try {
          (call as (...given: never[]) => unknown)(...args);
          return SUCCESS;
        } catch (error) {
          if (isGuestExit(error)) throw error;
          // A pointer out of its memory.
          if (error instanceof RangeError) return errnoNumber(Object.assign(error, { errno: 'EFAULT' }));
          return errnoNumber(error);
        }
      },
    ]),
  );
}

/** The names of what the module asks for and nobody gives. */
export function unknownImports(module: WebAssembly.Module, given: ReadonlySet<string>): readonly string[] {
  return WebAssembly.Module.imports(module)
    .filter(({ module: from, name, kind }) => from !== WASI_MODULE || kind !== 'function' || !given.has(name))
    .map(({ module: from, name, kind }) => (kind === 'function' ? `${from}.${name}` : `${from}.${name} (a ${kind})`));
}
