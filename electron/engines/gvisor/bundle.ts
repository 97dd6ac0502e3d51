import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '../../../shared/model/limits.ts';
import type { Mount } from '../bubblewrap/mount-plan.ts';
import type { BundlePaths } from './paths.ts';

/** One program inside, see `process` of the OCI runtime specification. */
export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly limits: Limits;
  /** Its standard streams are a terminal. */
  readonly terminal: boolean;
}

/**
 * Programs inside are user 0 of gVisor's own kernel, without a capability of root's: a file that is
 * this user's own on this machine belongs to 0 there, whoever runs Terrarium.
 */
const SELF = { uid: 0, gid: 0 } as const;
const NOTHING = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] } as const;

export function processOf({ argv, env, workdir, limits, terminal }: Command): object {
  const rlimit = (type: string, value: number | undefined) =>
    value === undefined ? [] : [{ type, soft: value, hard: value }];
  return {
    terminal,
    user: SELF,
    args: argv,
    env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    cwd: workdir,
    capabilities: NOTHING,
    noNewPrivileges: true,
    rlimits: [...rlimit('RLIMIT_NOFILE', limits.openFiles), ...rlimit('RLIMIT_FSIZE', limits.fileSizeBytes)],
  };
}

/** What a sandbox is made of, whatever runs in it. */
export interface Layout {
  readonly plan: readonly Mount[];
  readonly hostname: string;
}

/**
 * Begins an OCI bundle (https://github.com/opencontainers/runtime-spec): the plan's links and folders
 * are its root, all else of it will be mounts. Where things are mounted gVisor makes by itself.
 */
export async function prepareBundle(paths: BundlePaths, layout: Layout): Promise<void> {
  await mkdir(paths.root, { recursive: true, mode: 0o755 });
  await writeFile(paths.empty, '', { mode: 0o444 });
  for (const mount of layout.plan) {
    if (mount.type === 'folder') await mkdir(join(paths.root, mount.path), { recursive: true });
    if (mount.type === 'link') await symlink(mount.target, join(paths.root, mount.path));
  }
  await writeFile(paths.layout, JSON.stringify(layout), { mode: 0o600 });
}

/** Of a bundle that was begun. */
export async function readLayout(paths: BundlePaths): Promise<Layout> {
  // Written by this very module, in a folder that nobody else enters.
  return JSON.parse(await readFile(paths.layout, 'utf8')) as Layout;
}

/** Completes the bundle with its first program. */
export async function writeConfig(paths: BundlePaths, command: Command): Promise<void> {
  const { plan, hostname } = await readLayout(paths);
  const config = {
    ociVersion: '1.0.2',
    process: processOf(command),
    root: { path: paths.root, readonly: true },
    hostname,
    mounts: plan.flatMap((mount) => mountOf(mount, paths.empty)),
    linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
  // The environment may hold secrets.
  await writeFile(paths.config, JSON.stringify(config), { mode: 0o600 });
}

function mountOf(mount: Mount, empty: string): readonly object[] {
  switch (mount.type) {
    case 'bind': {
      // gVisor's own devices are others than this machine's.
      const source = mount.source === '/dev/null' ? empty : mount.source;
      const options = ['rbind', mount.readOnly ? 'ro' : 'rw'];
      return [{ type: 'bind', source, destination: mount.path, options }];
    }
    case 'memory': {
      const { path, mode, bytes, readOnly } = mount;
      const size = bytes === undefined ? [] : [`size=${bytes}`];
      const options = [`mode=${mode}`, ...size, ...(readOnly ? ['ro'] : [])];
      return [{ type: 'tmpfs', source: 'tmpfs', destination: path, options }];
    }
    case 'processes':
      return [{ type: 'proc', source: 'proc', destination: mount.path }];
    case 'devices':
      return [
        { type: 'tmpfs', source: 'tmpfs', destination: mount.path },
        { type: 'devpts', source: 'devpts', destination: join(mount.path, 'pts') },
      ];
    // The root is sealed whole; its links and folders are in it already. Layers are refused, see `gvisorCapabilities`.
    default:
      return [];
  }
}
