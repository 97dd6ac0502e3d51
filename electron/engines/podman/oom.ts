import type { Exit } from '../../../shared/model/sandbox.ts';
import { type Cgroup, findCgroup, readKernelFile } from '../../lib/cgroup.ts';
import { cgroupStrikes } from '../../lib/cgroup-create.ts';
import type { EngineChange, EngineObject } from '../engine.ts';
import { KILLED } from '../oci/exit.ts';

/**
 * A container's cgroup is gone some 100 ms after its end, and its count of kills with it; cgroup v1
 * tells nobody of a change. So it is looked at this often, which takes 10 µs a container.
 */
const LOOK_EVERY_MS = 40;
const JUST_NOW_MS = 5000;

interface Watched {
  readonly cgroup: Cgroup;
  kills: number;
}

export interface OomWatchOptions {
  /** Pid of the first process of a running container, as this machine counts; null: not to be known here. */
  readonly pidOf: (ref: string) => Promise<number | null>;
}

/**
 * Notices that the kernel killed something in a container for want of memory, which Podman's `inspect`
 * does not tell on cgroup v1. Only containers with a limit are looked at, and only while they run.
 */
export function createOomWatch({ pidOf }: OomWatchOptions) {
  const watched = new Map<string, Watched>();
  /** Containers in which the kernel killed something since they were started last. */
  const killed = new Set<string>();
  const listeners = new Set<(change: EngineChange) => void>();
  const lookedUp = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const look = () => {
    for (const [ref, each] of watched) {
      const kills = cgroupStrikes(each.cgroup).memoryBytes;
      if (kills === null) {
        forget(ref);
      } else if (kills > each.kills) {
        each.kills = kills;
        killed.add(ref);
        for (const report of listeners) report({ type: 'limit', ref, limit: 'memoryBytes' });
      } else if (kills < each.kills) {
        // Started again between two looks: it counts anew.
        each.kills = kills;
        killed.delete(ref);
      }
    }
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const forget = (ref: string) => {
    watched.delete(ref);
    lookedUp.delete(ref);
  };

  const begin = async ({ ref, startedAt }: EngineObject) => {
    const pid = await pidOf(ref);
    const membership = pid === null ? null : readKernelFile(`/proc/${pid}/cgroup`);
    const cgroup = membership?.includes(ref) ? findCgroup(membership) : null;
    const kills = cgroup && cgroupStrikes(cgroup).memoryBytes;
    if (cgroup === null || kills === null) {
      lookedUp.delete(ref);
      return;
    }
    killed.delete(ref);
    // What happened since a start just now is news; of one that another host saw it is not known.
    const isNew = startedAt !== null && Date.now() - startedAt < JUST_NOW_MS;
    watched.set(ref, { cgroup, kills: isNew ? 0 : kills });
    timer ??= setInterval(look, LOOK_EVERY_MS).unref();
  };

  return {
    /** Sees each object as it is listed, inspected or changed; adds why it ended. */
    complete(object: EngineObject): EngineObject {
      const { ref, state, owned, exit } = object;
      if (state === 'running' && owned?.spec.limits.memoryBytes !== undefined && !lookedUp.has(ref)) {
        lookedUp.add(ref);
        begin(object).catch(() => lookedUp.delete(ref)); // it has just ended; the next look at it tries again
      }
      if (watched.has(ref) && state === 'stopped') look();
      return exit === null || !killed.has(ref) ? object : { ...object, exit: withReason(exit) };
    },
    follow(report: (change: EngineChange) => void): () => void {
      listeners.add(report);
      return () => listeners.delete(report);
    },
    dispose() {
      clearInterval(timer);
      watched.clear();
      listeners.clear();
    },
  };
}

/** The main program lives on when only a child was killed. */
function withReason(exit: Exit): Exit {
  return exit.code === KILLED ? { ...exit, limit: 'memoryBytes' } : exit;
}
