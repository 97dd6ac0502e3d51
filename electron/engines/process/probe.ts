import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { release } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Capabilities, Capability, EngineReport } from '../../../shared/model/engine.ts';
import { limitCapabilities, markRange } from './limits.ts';

const run = promisify(execFile);

const yes: Capability = { support: 'enforced' };
const no = (note: string): Capability => ({ support: 'unsupported', note });

const NOT_ISOLATED = 'a plain process is not isolated from this machine';

export function capabilities(platform: NodeJS.Platform): Capabilities {
  const plainNetwork = no('a plain process uses the network of this machine');
  return {
    isolation: 'none',
    limits: limitCapabilities(platform === 'linux'),
    network: { none: plainNetwork, loopback: plainNetwork, allowlist: plainNetwork, full: yes },
    profiles: { trusted: yes, standard: no(NOT_ISOLATED), strict: no(NOT_ISOLATED) },
    features: {
      exec: yes,
      console: yes,
      command: yes,
      logs: yes,
      pause: { support: 'best-effort', note: 'every process is stopped by a signal, which its parent can see' },
      ports: no('programs listen on this machine directly'),
      mounts: no('programs see the folders of this machine directly'),
      images: no('a plain process has no image'),
      updateLimits: no('limits are set when a program starts'),
      userns: no(NOT_ISOLATED),
      filesystem: no(NOT_ISOLATED),
      overlay: no(NOT_ISOLATED),
      python: no('make a virtualenv sandbox for it'),
      packages: no('a plain process has the packages of this machine'),
      snapshots: no('the memory of a plain process cannot be saved'),
    },
    sources: ['empty', 'directory'],
    defaults: { network: { mode: 'full' }, profile: 'trusted' },
  };
}

/** Null when util-linux's `prlimit` is not there. */
export async function findPrlimit(): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin', '/usr/local/bin'];
  for (const folder of folders) {
    if (!folder.startsWith('/')) continue;
    const path = join(folder, 'prlimit');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}

export async function probe(platform: NodeJS.Platform): Promise<EngineReport> {
  const base = {
    kind: 'process',
    version: null,
    capabilities: capabilities(platform),
    runtimes: [],
    facts: {},
  } as const;
  const missing = (reason: string, hint: string): EngineReport => ({ ...base, status: 'missing', reason, hint });
  const available = (facts: Readonly<Record<string, string>>): EngineReport => ({
    ...base,
    status: 'available',
    reason: null,
    hint: null,
    facts: { kernel: release(), ...facts },
  });

  if (platform === 'darwin') return available({});
  if (platform !== 'linux') {
    return missing('Process sandboxes run on Linux and macOS only.', 'Use a container engine on this system.');
  }
  const prlimit = await findPrlimit();
  if (prlimit === null) {
    return missing('The program prlimit is missing.', 'Install util-linux, e.g. apt install util-linux.');
  }
  if (markRange() === null) {
    return missing(
      'The resource limit for message queues is too low to tell sandboxes apart.',
      'Start Terrarium with at least `ulimit -q 819200`.',
    );
  }
  try {
    const { stdout } = await run(prlimit, ['--version'], { timeout: 5000 });
    return available({ prlimit: stdout.trim() });
  } catch (error) {
    return missing(`${prlimit} does not run: ${String(error)}`, 'Reinstall util-linux.');
  }
}
