import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GVISOR } from '../electron/engines/gvisor/capabilities.ts';
import { findGvisor } from '../electron/engines/gvisor/find-gvisor.ts';
import { benchmarkNamespace } from './namespace.ts';

const run = promisify(execFile);

/** gVisor stand-alone through the engine `namespace`, beside `runsc run` of a bundle with little in it. */
export const gvisorBundle = benchmarkNamespace(
  {
    start: 'runscBundleStartMs',
    bare: 'runscBundleRunMs',
    exec: 'runscBundleExecMs',
    destroy: 'runscBundleDestroyMs',
  },
  { runtime: GVISOR },
  async (folder) => {
    const found = await findGvisor();
    if ('reason' in found) throw new Error(found.reason);
    const bundle = join(folder, 'bare');
    const root = join(bundle, 'root');
    await mkdir(root, { recursive: true });
    for (const name of ['bin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name));
    const config = {
      ociVersion: '1.0.2',
      process: { user: { uid: 0, gid: 0 }, args: ['/usr/bin/true'], cwd: '/' },
      root: { path: root, readonly: true },
      mounts: [{ type: 'bind', source: '/usr', destination: '/usr', options: ['rbind', 'ro'] }],
      linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
    };
    await writeFile(join(bundle, 'config.json'), JSON.stringify(config));
    const rootless = process.getuid?.() === 0 ? [] : ['--rootless'];
    const options = [`--root=${join(bundle, 'state')}`, `--platform=${found.platform}`, '--network=none'];
    let count = 0;
    return () => {
      count += 1;
      const name = `bench-${process.pid}-${count}`;
      return run(found.program, [...options, '--ignore-cgroups', ...rootless, 'run', '--bundle', bundle, name]);
    };
  },
);
