import { realpath, stat } from 'node:fs/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { WORKSPACE } from './objects.ts';

/** Never mounted, in whatever mode: the kernel's own trees and the engines' control. */
const KERNEL_TREES = ['/proc', '/sys', '/dev'];
/** Not writable for a sandbox: whoever writes there owns the machine. */
const SYSTEM_TREES = [
  '/etc',
  '/boot',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/root',
  '/var',
  '/run',
  '/opt',
  '/srv',
  '/home',
  '/Users',
  '/System',
  '/Library',
  '/private',
  '/private/etc',
];
/** Above, but their subfolders are the user's or temporary. */
const ONLY_ITSELF = new Set(['/home', '/Users', '/root', '/var', '/srv', '/opt', '/private']);
const ENGINE_DATA = ['/var/lib/docker', '/var/lib/containers', '/var/lib/containerd', '/run/docker', '/run/containerd'];
const ENGINE_SOCKET = /(?:^|\/)(?:docker|podman|containerd|crio|dockershim|docker-cli|docker\.raw)\.sock$/;
/** Where services listen (engines, D-Bus, systemd …): a socket works through a read-only mount as well. */
const SOCKET_TREES = ['/run', '/var/run', '/private/var/run'];

export interface ResolvedMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

const inside = (path: string, tree: string) => path === tree || path.startsWith(`${tree}/`);

/**
 * Refuses mounts that would break the isolation, by the path that is really meant. What comes back has
 * links resolved, so that a link changed later leads nowhere else. `sockets`: engines' sockets in use;
 * `state`: the folder that Terrarium keeps everything in.
 */
export async function resolveMounts(
  spec: SandboxSpec,
  { sockets, state }: { readonly sockets: readonly string[]; readonly state: string },
): Promise<readonly ResolvedMount[]> {
  const resolved: ResolvedMount[] = [];
  const targets = new Set<string>();
  const realSockets = await Promise.all(sockets.map((path) => realpath(path).catch(() => path)));
  const realState = await realpath(state).catch(() => state);
  for (const [index, mount] of spec.mounts.entries()) {
    const refuse = (key: 'hostPath' | 'path' | 'readOnly', message: string, hint?: string) => {
      throw new AppError('invalid_input', message, { hint, details: { field: `mounts.${index}.${key}` } });
    };
    const target = mount.path.replace(/\/+$/, '') || '/';
    if (target === '/' || target === WORKSPACE || KERNEL_TREES.some((tree) => inside(target, tree))) {
      refuse('path', `Nothing can be mounted at ${mount.path} inside the sandbox`);
    }
    if (targets.has(target)) refuse('path', `Two mounts have the same place inside the sandbox: ${mount.path}`);
    targets.add(target);

    const real = await realpath(mount.hostPath).catch((error: unknown) => {
      throw unreachable(error, mount.hostPath, `mounts.${index}.hostPath`);
    });
    const info = await stat(real);
    if (ENGINE_SOCKET.test(real) || realSockets.includes(real)) {
      refuse('hostPath', `${mount.hostPath} is an engine’s socket; it would give the sandbox this whole machine`);
    }
    if (info.isSocket() || info.isBlockDevice() || info.isCharacterDevice() || info.isFIFO()) {
      refuse('hostPath', `${mount.hostPath} is neither a file nor a folder`);
    }
    if (real === '/' || KERNEL_TREES.some((tree) => inside(real, tree))) {
      refuse('hostPath', `${mount.hostPath} cannot be mounted: it would open this machine to the sandbox`);
    }
    if (SOCKET_TREES.some((tree) => inside(real, tree) || inside(tree, real))) {
      refuse('hostPath', `${mount.hostPath} is where services of this machine listen and cannot be mounted`);
    }
    if (realSockets.some((socket) => inside(socket, real))) {
      refuse('hostPath', `${mount.hostPath} holds an engine’s socket and cannot be mounted`);
    }
    if (inside(real, realState) || inside(realState, real)) {
      refuse('hostPath', `${mount.hostPath} holds Terrarium’s own state and cannot be mounted`);
    }
    if (ENGINE_DATA.some((tree) => inside(real, tree) || inside(tree, real))) {
      refuse('hostPath', `${mount.hostPath} holds the data of an engine and cannot be mounted`);
    }
    resolved.push({ source: real, target, readOnly: mount.readOnly });
    if (mount.readOnly) continue;
    if (spec.profile === 'strict') {
      refuse(
        'readOnly',
        'The profile strict allows read-only mounts only',
        'Choose the profile standard, or mount it read-only',
      );
    }
    const systemTree = SYSTEM_TREES.find((tree) => (ONLY_ITSELF.has(tree) ? real === tree : inside(real, tree)));
    if (systemTree !== undefined) {
      refuse('readOnly', `${mount.hostPath} belongs to the system and can be mounted read-only only`);
    }
  }
  return resolved;
}
