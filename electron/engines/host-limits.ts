import { bestEffort, enforced } from '../../shared/model/capability.ts';
import type { Capability } from '../../shared/model/engine.ts';
import type { LimitName } from '../../shared/model/limits.ts';

const byHost: Capability = enforced('by Terrarium while it runs');

/**
 * Limits that Terrarium's host holds for every engine alike (`services/deadlines.ts`, `services/budgets`,
 * `services/executions.ts`): what an engine says of them that brings `outputBytes` and a workspace on this machine.
 */
export const hostLimits = {
  wallTimeMs: byHost,
  idleTimeMs: byHost,
  outputBytes: enforced(
    'a command is ended at it, the main program a moment later, by Terrarium while it runs; consoles are not counted',
  ),
  diskBytes: bestEffort(
    'Terrarium looks every few seconds what the workspace takes on disk, and stops the sandbox when it is more; what is written elsewhere, lies in a folder that may not be read, or is open but deleted is not seen',
  ),
} as const satisfies Partial<Record<LimitName, Capability>>;

export const hostLimitNames = Object.keys(hostLimits) as readonly (keyof typeof hostLimits)[];

/** Where the kernel counts a sandbox's CPU time itself (a cgroup, a virtual machine): nothing in it escapes that. */
export const countedCpuTime: Capability = enforced(
  'of all processes together; by Terrarium while it runs, which looks twice a second',
);

/** Where it is added up over processes: one that ends between two looks, and whose parent is not there, is missed. */
export const addedUpCpuTime: Capability = bestEffort(
  'Terrarium adds it up over the processes twice a second, and what comes and goes in between can be missed',
);
