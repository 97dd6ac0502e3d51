import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../shared/model/error.ts';
import { type CgroupHome, findCgroupHome } from '../../lib/cgroup-home.ts';
import { createFinding, type Finding } from '../../lib/finding.ts';
import { probeMachine } from '../local/probe.ts';
import { makeArguments } from './command-line.ts';
import { createFilters } from './filter.ts';
import { whyNoLayers } from './layer/probe.ts';
import { descriptors, innerScript, outerScript } from './scripts.ts';
import { privateMounts, systemMounts } from './system-mounts.ts';
import { findTools, type MissingTool, type Tools, versionOf } from './tools.ts';

const run = promisify(execFile);

/** What was found by trying. */
export interface Abilities {
  readonly tools: Tools;
  readonly version: string | null;
  readonly cgroups: CgroupHome | null;
  /** Why there are none. */
  readonly withoutCgroups: string | null;
  /** Why writes to a workspace cannot be kept apart; null when they can. */
  readonly withoutLayers: string | null;
  /** Why there is no network `full`; null when there is. */
  readonly withoutNetwork: string | null;
}

export interface AbilitiesFinding extends Finding<Abilities, MissingTool> {
  /** Throws `engine_unavailable` with the reason where no sandbox can be made, after it has tried again. */
  readonly need: () => Promise<Abilities>;
}

/** What an engine remembers of what sandboxes can be made here. `state`: see `findAbilities`. */
export function createAbilities(state: string): AbilitiesFinding {
  const finding = createFinding<Abilities, MissingTool>(async () => {
    const { missing } = await probeMachine(process.platform);
    return missing ?? findAbilities(state);
  });
  return {
    ...finding,
    async need() {
      const found = await finding.retry();
      if ('reason' in found) throw new AppError('engine_unavailable', found.reason, { hint: found.hint });
      return found;
    },
  };
}

/** Makes a sandbox as real ones are made, and finds out what limits can be held. Never throws. `state`: Terrarium's own folder, where layers would lie. */
export async function findAbilities(state?: string): Promise<Abilities | MissingTool> {
  if (process.platform !== 'linux') {
    return { reason: 'Namespaces are a part of Linux.', hint: 'Use a container engine on this system.' };
  }
  try {
    const tools = findTools();
    if ('reason' in tools) return tools;
    const failed = await tryOut(tools);
    if (failed) return failed;
    const uid = process.getuid?.() ?? -1;
    const [version, { home, reason }, withoutLayers] = await Promise.all([
      versionOf(tools.bwrap),
      findCgroupHome(uid),
      state === undefined ? 'it was not tried' : whyNoLayers(tools, state),
    ]);
    return {
      tools,
      version,
      cgroups: home,
      withoutCgroups: reason,
      withoutLayers,
      withoutNetwork: whyNoNetwork(tools),
    };
  } catch (error) {
    return {
      reason: `Sandboxes could not be tried out: ${String(error)}`,
      hint: 'Reinstall bubblewrap and util-linux.',
    };
  }
}

async function tryOut(tools: Tools): Promise<MissingTool | null> {
  const filters = createFilters();
  if (!filters) {
    return { reason: `There is no system call filter for ${process.arch}.`, hint: 'Use a container engine here.' };
  }
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-bwrap-'));
  const file = (name: string) => join(folder, name);
  try {
    await writeFile(file('filter'), filters('standard'));
    const script = innerScript({ env: {}, late: [], first: true, waits: false });
    await writeFile(file('script'), script, { mode: 0o600 });
    const outer = outerScript(
      [],
      [
        { descriptor: descriptors.seccomp, path: file('filter'), mode: 'read' },
        { descriptor: descriptors.script, path: file('script'), mode: 'read' },
        { descriptor: descriptors.ready, path: file('ready'), mode: 'write' },
        { descriptor: descriptors.info, path: file('info'), mode: 'write' },
      ],
    );
    const plan = [...systemMounts(), ...privateMounts(1024 * 1024)];
    const make = makeArguments(tools, { plan, hostname: 'probe' }, { workdir: '/tmp', argv: ['true'] });
    await run('/bin/sh', ['-c', outer, 'terrarium', ...make], { timeout: 10_000, cwd: '/' });
    return null;
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    const said = stderr.trim().split('\n').at(-1) || String(error);
    return { reason: `A sandbox could not be made: ${said}`, hint: hintFor(said) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function hintFor(said: string): string {
  if (/seccomp/i.test(said)) return 'The kernel must be built with CONFIG_SECCOMP_FILTER.';
  return (
    'User namespaces must be allowed: sysctl user.max_user_namespaces above 0, where they exist ' +
    'kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0. ' +
    'Inside a container they often are not.'
  );
}

function whyNoNetwork({ slirp }: Tools): string | null {
  if (!slirp) return 'it needs slirp4netns, e.g. apt install slirp4netns';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'this user may not open /dev/net/tun, which slirp4netns needs';
  }
}
