import type { Log } from '../../lib/log.ts';
import { sleep } from '../../lib/sleep.ts';
import type { Registry } from '../sandboxes/registry.ts';
import type { Sandboxes } from '../sandboxes/sandboxes.ts';

/** Until what could not be removed (its engine is away) is tried again. */
const RETRY_MS = 5000;

export interface DestroyOptions {
  readonly sandboxes: Pick<Sandboxes, 'destroy'>;
  readonly registry: Pick<Registry, 'find'>;
  /** Aborted when the host ends: what is left then is the next one's. */
  readonly ending: AbortSignal;
  readonly log: Log;
  readonly retryMs?: number;
}

export interface Destruction {
  /** Resolved after the first try, whatever came of it. */
  readonly tried: Promise<void>;
  /** Resolved when it is gone, or given up as the host ends. */
  readonly over: Promise<void>;
}

/** Destroys an instance's sandbox, again and again until it is gone. */
export function destroyInstance(
  { sandboxes, registry, ending, log, retryMs = RETRY_MS }: DestroyOptions,
  id: string,
): Destruction {
  let isTold = false;
  /** Whether it is to be tried again. */
  async function attempt(): Promise<boolean> {
    try {
      await sandboxes.destroy(id, { confirmForeign: false, keepWorkspace: false });
      return false;
    } catch (error) {
      log[isTold ? 'debug' : 'warn']({ err: error, id }, 'an instance of a function could not be removed');
      isTold = true;
      return registry.find(id) !== undefined;
    }
  }
  async function insist(): Promise<void> {
    for (let isThere = await first; isThere; isThere = await attempt()) {
      await sleep(retryMs, ending);
      if (ending.aborted || !registry.find(id)) return;
    }
  }
  const first = attempt();
  return { tried: first.then(() => undefined), over: insist() };
}
