import { readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../lib/command.ts';
import { endProcesses, hasCode, listProcesses, mentions, type ProcessInfo } from '../lib/processes.ts';

/** What Podman keeps beside a container, or for a while after one: no test is to blame for it. */
const HELPERS = /(?:^|\/|\[)(?:conmon|catatonit|slirp4netns|rootlessport\S*|fuse-overlayfs|exe)\b/;

/** Ends all that names `folder` or belongs to the user `uid`; returns what is not Podman's own, in words. */
export async function endPodmanProcesses(folder: string, uid: number): Promise<readonly string[]> {
  const mine = (await listProcesses()).filter(
    (info) => info.pid !== process.pid && (mentions(info, folder) || ownerOf(info.pid) === uid),
  );
  const stuck = await endProcesses(mine, 2_000);
  const blamed = mine.filter((info) => !HELPERS.test(info.command.split(' ')[0] ?? '') || stuck.includes(info));
  return blamed.map(inWords);
}

function inWords(info: ProcessInfo): string {
  return `pid ${info.pid}: ${info.command.slice(0, 200)}`;
}

function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}

/** The overlay driver mounts its own folder, and leaves it so. */
export async function unmountBelow(folder: string): Promise<void> {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) await runCommand('umount', [path]);
}

const CGROUPS = '/sys/fs/cgroup';

/** Podman's cgroup above those of its containers, where it is there. */
export function podmanCgroups(): readonly string[] {
  return readdirSync(CGROUPS)
    .map((hierarchy) => join(CGROUPS, hierarchy, 'libpod_parent'))
    .filter((path) => isFolder(path));
}

/** Takes empty cgroups away; what is in use stays. */
export function removeCgroups(paths: readonly string[]): void {
  for (const path of paths) {
    const inner = readdirSync(path)
      .map((name) => join(path, name))
      .filter(isFolder);
    removeCgroups(inner);
    try {
      rmdirSync(path);
    } catch (error) {
      if (!hasCode(error, 'EBUSY', 'ENOENT', 'ENOTEMPTY')) throw error;
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}
