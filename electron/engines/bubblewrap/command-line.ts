import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { Box } from './box.ts';
import { NOBODY } from './identity-files.ts';
import { MOUNT } from './layer/layer.ts';
import { type Mount, mountArguments } from './mount-plan.ts';
import { descriptors } from './scripts.ts';
import type { Tools } from './tools.ts';

export interface SandboxLayout {
  readonly plan: readonly Mount[];
  readonly hostname: string;
  /** The folder of the layer that its workspace is seen through. */
  readonly layer?: string | undefined;
}

export interface CommandLine {
  readonly workdir: string;
  readonly argv: readonly string[];
  /** See `processLimit`. */
  readonly processes?: number | undefined;
}

const MAP_NOBODY = ['--uid', String(NOBODY), '--gid', String(NOBODY)];
const CONFINED = ['--die-with-parent', '--cap-drop', 'ALL', '--seccomp', String(descriptors.seccomp)];
/** The script of the program, see `innerScript`. */
const INSIDE = ['/bin/sh', `/proc/self/fd/${descriptors.script}`];

/**
 * Makes the sandbox and runs its first program as PID 1. User namespaces lie in one another: the outer
 * one, in which bwrap itself is, and the program's. An ordinary user has the power to join namespaces
 * only from the outer one; it is kept by bwrap, and is what later programs come through.
 */
export function makeArguments(
  tools: Tools,
  { plan, hostname, layer }: SandboxLayout,
  command: CommandLine,
): readonly string[] {
  return [
    ...[tools.unshare, '--user', '--map-root-user'],
    ...(layer === undefined ? ['--'] : layerMount(tools, layer)),
    ...processLimit(tools, command),
    tools.bwrap,
    '--unshare-all',
    ...MAP_NOBODY,
    ...['--hostname', hostname],
    ...plan.flatMap(mountArguments),
    ...['--chdir', command.workdir],
    // When PID 1 ends the kernel ends all the rest, whatever it has done to get away.
    '--as-pid-1',
    // Tied to what started it, a shell of its own and not the host: it outlives the host.
    ...CONFINED,
    ...['--info-fd', String(descriptors.info)],
    '--',
    ...INSIDE,
    ...command.argv,
  ];
}

/** In the outer mount namespace, from which bwrap takes it: only there is the power to mount it. */
function layerMount({ mount }: Tools, layer: string): readonly string[] {
  if (mount === null) throw new AppError('engine_unavailable', 'The program mount is missing.');
  return ['--mount', '--', '/bin/sh', '-c', MOUNT, 'terrarium', mount, layer];
}

const JOINED = { mount: 'mnt', pid: 'pid', net: 'net', ipc: 'ipc', uts: 'uts', cgroup: 'cgroup' } as const;

export const namespacePath = (pid: number, name: string): string => join('/proc', String(pid), 'ns', name);

/**
 * Joins a running sandbox. bwrap sets there what cannot be joined: the filter, no capabilities, no new
 * privileges. No filter holds bwrap itself while it waits for the program, so it must be out of reach:
 * it stays in the outer user namespace, and the program gets one of its own below it. In the same one
 * (`--userns`, `--userns2`) a program in the sandbox could write to bwrap's memory. The price: programs
 * see and signal those that were started beside them, but cannot trace them.
 */
export function joinArguments(tools: Tools, { first, monitor }: Box, command: CommandLine): readonly string[] {
  const namespaces = Object.entries(JOINED).map(([option, file]) => `--${option}=${namespacePath(first.pid, file)}`);
  return [
    tools.nsenter,
    `--user=${namespacePath(monitor.pid, 'user')}`,
    ...namespaces,
    '--preserve-credentials',
    '--',
    ...processLimit(tools, command),
    tools.bwrap,
    '--unshare-user',
    ...MAP_NOBODY,
    ...['--dev-bind', '/', '/'],
    ...['--chdir', command.workdir],
    ...CONFINED,
    '--',
    ...INSIDE,
    ...command.argv,
  ];
}

/**
 * Where no cgroup counts them: since Linux 5.14 RLIMIT_NPROC counts what the user runs in a user
 * namespace, and one that is made below takes it over as the most that may run in the one above. So it
 * is set in the outer one, which is the sandbox's own.
 */
function processLimit({ prlimit }: Tools, { processes }: CommandLine): readonly string[] {
  if (processes === undefined) return [];
  const withHelpers = processes + HELPERS;
  return [prlimit, `--nproc=${withHelpers}:${withHelpers}`, '--'];
}

/** bwrap, PID 1, and its sleep where there is no main program. */
const HELPERS = 3;
