import { join } from 'node:path';
import type { Box } from './box.ts';
import { NOBODY } from './identity-files.ts';
import { type Mount, mountArguments } from './mount-plan.ts';
import { descriptors, KEEPER } from './scripts.ts';
import type { Tools } from './tools.ts';

const SHELL = '/bin/sh';
/** The script of the program, see `innerScript`. */
const INSIDE = [SHELL, `/proc/self/fd/${descriptors.script}`] as const;

/**
 * Makes the sandbox and runs its first program as PID 1. Three user namespaces lie in one another:
 * the keeper's, bwrap's, and the program's. A later program joins through the keeper's (which has
 * power over all below it), lets bwrap go into its own and only the program into the program's. So
 * bwrap itself, which no filter holds, is in none that a program in the sandbox could trace or write to.
 */
export function makeArguments(
  tools: Tools,
  { plan, hostname, workdir, argv }: SandboxLayout & { readonly workdir: string; readonly argv: readonly string[] },
): readonly string[] {
  const intoNamespace = [tools.unshare, '--user', '--map-root-user', '--'];
  return [
    ...intoNamespace,
    SHELL,
    '-c',
    KEEPER,
    'terrarium',
    tools.unshare,
    tools.bwrap,
    '--unshare-all',
    ...['--uid', String(NOBODY), '--gid', String(NOBODY)],
    ...['--hostname', hostname],
    ...plan.flatMap(mountArguments),
    ...['--chdir', workdir],
    // Tied to the keeper, not to the host: it outlives the host, and dies when anything above it does.
    '--die-with-parent',
    // When PID 1 ends the kernel ends all the rest, whatever it has done to get away.
    '--as-pid-1',
    ...['--cap-drop', 'ALL'],
    ...['--seccomp', String(descriptors.seccomp)],
    ...['--info-fd', String(descriptors.inner)],
    '--',
    ...INSIDE,
    ...argv,
  ];
}

export interface SandboxLayout {
  readonly plan: readonly Mount[];
  readonly hostname: string;
}

/** Namespaces that are joined before bwrap runs; it changes to the program's user namespace itself. */
const JOINED = { mount: 'mnt', pid: 'pid', net: 'net', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup' } as const;

export const namespacePath = (pid: number, name: string): string => join('/proc', String(pid), 'ns', name);

/** Joins a running sandbox. bwrap sets there what cannot be joined: the filter, no capabilities, no new privileges. */
export function joinArguments(
  tools: Tools,
  { first, keeper }: Box,
  { workdir, argv }: { readonly workdir: string; readonly argv: readonly string[] },
): readonly string[] {
  const namespaces = Object.entries(JOINED).map(([option, file]) => `--${option}=${namespacePath(first.pid, file)}`);
  return [
    tools.nsenter,
    `--user=${namespacePath(keeper.pid, 'user')}`,
    ...namespaces,
    '--preserve-credentials',
    '--',
    tools.bwrap,
    ...['--userns', String(descriptors.outer), '--userns2', String(descriptors.inner)],
    ...['--dev-bind', '/', '/'],
    ...['--chdir', workdir],
    '--die-with-parent',
    ...['--cap-drop', 'ALL'],
    ...['--seccomp', String(descriptors.seccomp)],
    '--',
    ...INSIDE,
    ...argv,
  ];
}
