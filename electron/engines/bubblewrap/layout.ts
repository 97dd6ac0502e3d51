import type { SandboxSpec } from '../../../shared/model/spec.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { boxPaths } from './box.ts';
import type { SandboxLayout } from './command-line.ts';
import { covered, hiddenFrom, ruledMounts } from './file-rules.ts';
import { hostnameFor, WORKSPACE, writeIdentity } from './identity-files.ts';
import type { Layer } from './layer/layer.ts';
import { throughLayer } from './layer/plan.ts';
import { isWithin, type Mount } from './mount-plan.ts';
import { prepareSettings } from './settings.ts';
import { privateMounts, systemMounts } from './system-mounts.ts';
import type { Tools } from './tools.ts';

const MIB = 1024 * 1024;
/** Of /tmp, and again of /dev/shm: it is memory. */
const MOST_IN_MEMORY = 512 * MIB;

/** What a sandbox consists of. Writes the files that are made for it alone. */
export async function layOut(
  sandbox: LocalSandbox,
  { bwrap, prlimit }: Tools,
  { state, denied }: { readonly state: string; readonly denied: readonly string[] },
  extra: readonly Mount[] = [],
  layer: Layer | null = null,
): Promise<SandboxLayout> {
  const { spec, workspace } = sandbox.manifest;
  const system = systemMounts();
  // They are run once more inside, when a program joins; wherever they come from, they must be there.
  const helpers = [bwrap, prlimit].filter((path) => !system.some((each) => isWithin(path, each.path)));
  const bytes = Math.min(MOST_IN_MEMORY, spec.limits.memoryBytes ?? MOST_IN_MEMORY);
  const hidden = hiddenFrom(spec, denied);
  const ruled = ruledMounts(asProfiled(spec), { source: workspace, path: WORKSPACE }, hidden);
  return {
    layer: layer?.folder,
    hostname: hostnameFor(spec.name),
    plan: [
      ...system,
      ...helpers.map((path) => ({ type: 'bind', source: path, path, readOnly: true }) as const),
      { type: 'bind', source: await prepareSettings(state), path: '/etc', readOnly: true },
      ...(await writeIdentity(boxPaths(sandbox).identity, spec)),
      ...privateMounts(bytes),
      ...(layer ? throughLayer(ruled, workspace, WORKSPACE, layer) : ruled),
      ...extra.flatMap((mount) => (mount.type === 'bind' ? covered(mount, hidden) : [mount])),
      { type: 'seal', path: '/' },
    ],
  };
}

/** `strict` shows nothing of this machine to be written, but for the workspace. */
export function asProfiled(spec: SandboxSpec): SandboxSpec {
  if (spec.profile !== 'strict') return spec;
  const { filesystem } = spec;
  return {
    ...spec,
    mounts: spec.mounts.map((mount) => ({ ...mount, readOnly: true })),
    filesystem: filesystem && {
      ...filesystem,
      readOnly: [...filesystem.readOnly, ...filesystem.readWrite],
      readWrite: [],
    },
  };
}
