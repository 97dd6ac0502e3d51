import type { Job } from './job.ts';

/** For what is outside of the guest's own memory: the compiled module, what is on its way to a file. */
const HEAP_MIB = 512;
/** Half of what a thread has on Linux and macOS: interpreters find their own end before V8 finds its. */
const STACK_KIB = 3900;

/** A second wall behind WebAssembly's: the process itself may touch nothing but what the guest may. */
export function nodeOptions(
  { runtime, roots, module, metered, library, snapshot, account, interactive, serves }: Job,
  runner: string,
): readonly string[] {
  const writable = roots.filter(({ readOnly }) => !readOnly).map(({ host }) => host);
  const readable = [
    ...roots.map(({ host }) => host),
    module,
    runner,
    ...[metered, library, snapshot].filter((path) => path !== null),
  ];
  return [
    '--permission',
    // Names of what is open already, see `within`.
    ...[...readable, '/proc/self/fd/*'].map((path) => `--allow-fs-read=${path}`),
    ...[...writable, ...(account === null ? [] : [account]), '/proc/self/fd/*'].map(
      (path) => `--allow-fs-write=${path}`,
    ),
    ...((interactive && library !== null) || serves ? ['--allow-worker'] : []),
    '--disallow-code-generation-from-strings',
    // Python runs in a realm of its own: should it ever come by something of this one, it could change nothing of that.
    ...(runtime === 'python' ? ['--experimental-vm-modules', '--frozen-intrinsics'] : []),
    // Of Node's own, about these very options: they would be in the guest's output.
    '--no-warnings',
    `--max-old-space-size=${HEAP_MIB}`,
    `--stack-size=${STACK_KIB}`,
  ];
}
