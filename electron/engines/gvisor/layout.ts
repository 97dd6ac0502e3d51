import { boxPaths } from '../bubblewrap/box.ts';
import { hiddenFrom, ruledMounts } from '../bubblewrap/file-rules.ts';
import { hostnameFor, WORKSPACE, writeIdentity } from '../bubblewrap/identity-files.ts';
import { asProfiled } from '../bubblewrap/layout.ts';
import type { Mount } from '../bubblewrap/mount-plan.ts';
import { prepareSettings } from '../bubblewrap/settings.ts';
import { systemMounts } from '../bubblewrap/system-mounts.ts';
import type { LocalSandbox } from '../local/launcher.ts';

const MIB = 1024 * 1024;
/** Of /tmp, and again of /dev/shm: it is memory. */
const MOST_IN_MEMORY = 512 * MIB;

/**
 * What a sandbox consists of: the same view as bubblewrap's sandboxes have. Of /proc and /dev nothing
 * needs to be covered, as they are not this machine's.
 */
export async function layOut(
  sandbox: LocalSandbox,
  { state, denied }: { readonly state: string; readonly denied: readonly string[] },
): Promise<{ readonly plan: readonly Mount[]; readonly hostname: string }> {
  const { spec, workspace } = sandbox.manifest;
  const bytes = Math.min(MOST_IN_MEMORY, spec.limits.memoryBytes ?? MOST_IN_MEMORY);
  return {
    hostname: hostnameFor(spec.name),
    plan: [
      ...systemMounts(),
      { type: 'bind', source: await prepareSettings(state), path: '/etc', readOnly: true },
      ...(await writeIdentity(boxPaths(sandbox).identity, spec)),
      ...privateMounts(bytes),
      ...ruledMounts(asProfiled(spec), { source: workspace, path: WORKSPACE }, hiddenFrom(spec, denied)),
    ],
  };
}

/** `bytes`: of /tmp and of /dev/shm, each. */
export function privateMounts(bytes: number): readonly Mount[] {
  return [
    { type: 'processes', path: '/proc' },
    { type: 'devices', path: '/dev' },
    { type: 'memory', path: '/dev/shm', mode: '1777', bytes },
    { type: 'memory', path: '/tmp', mode: '1777', bytes },
    { type: 'folder', path: '/var' },
    { type: 'link', target: '/tmp', path: '/var/tmp' },
    { type: 'folder', path: '/run' },
    { type: 'link', target: '/run', path: '/var/run' },
  ];
}
