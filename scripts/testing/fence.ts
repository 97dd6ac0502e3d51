import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '../lib/processes.ts';

/**
 * A cgroup around what the tests start. A child stays in it whatever it does to its session, parent,
 * environment and folder, so that even a daemon of a daemon is found afterwards.
 */
export interface Fence {
  /** The same command, run inside. */
  readonly enclose: (command: readonly string[]) => readonly string[];
  /** Pids inside. */
  readonly pids: () => ReadonlySet<number>;
  /** Takes the empty fence away. */
  readonly remove: () => Promise<void>;
}

/** Hierarchies without controllers, which no engine uses for its limits, and no systemd owns. */
const hierarchies = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified'];

const open: Fence = { enclose: (command) => command, pids: () => new Set(), remove: async () => undefined };

/** Where this user cannot have one, there is none: what leads to us by other marks is found all the same. */
export function raiseFence(name: string): Fence {
  if (existsSync('/run/systemd/system')) return open;
  const parent = hierarchies.find((folder) => existsSync(join(folder, 'cgroup.procs')));
  if (!parent) return open;
  const folder = join(parent, name);
  const members = join(folder, 'cgroup.procs');
  try {
    mkdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'EEXIST')) return open;
    throw error;
  }
  return {
    enclose: (command) => ['sh', '-c', 'echo $$ > "$0" && exec "$@"', members, ...command],
    pids: () => new Set(readFileSync(members, 'utf8').split('\n').filter(Boolean).map(Number)),
    remove: () => removeWhenEmpty(folder),
  };
}

/**
 * A dead process counts until its parent has taken note of it, which some machines' first process
 * puts off. What lived was ended and told before; an empty folder of the kernel's is then left.
 */
async function removeWhenEmpty(folder: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (!hasCode(error, 'EBUSY')) throw error;
    }
    await delay(100);
  }
}
