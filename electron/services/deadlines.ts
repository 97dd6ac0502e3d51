import type { Limits } from '../../shared/model/limits.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { formatDuration } from '../../shared/units.ts';
import type { Log } from '../lib/log.ts';
import type { Activity } from './activity.ts';
import type { Registry } from './sandboxes/registry.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';
import type { SettingsService } from './settings/settings.ts';

type Deadline =
  | { readonly at: number; readonly limit: keyof Limits }
  /** It is destroyed. */
  | { readonly at: number; readonly limit: null; readonly why: string };

/** The longest delay that setTimeout takes (a signed 32-bit count of milliseconds). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const GRACE_MS = 2000;
/** Until what could not be ended (an engine that is away, a folder that cannot be removed) is tried again. */
const RETRY_MS = 10_000;

/**
 * What the host ends first of a sandbox, and when: its wall time, its idle time, or its whole life (limit null), which
 * also ends when it has been stopped for `stoppedMs`.
 */
export function nextDeadline(
  sandbox: Sandbox,
  lastActivity: number | undefined,
  { stoppedMs }: { readonly stoppedMs?: number | undefined } = {},
): Deadline | null {
  const { spec, state, startedAt, stoppedAt } = sandbox;
  if (!spec || sandbox.foreign || state === 'creating' || state === 'destroying') return null;
  const found: Deadline[] = [];
  if (spec.ttlMs !== undefined)
    found.push({ at: sandbox.createdAt + spec.ttlMs, limit: null, why: 'its time was over' });
  if (stoppedMs !== undefined && state === 'stopped' && stoppedAt !== null) {
    const why = `it had been stopped for ${formatDuration(stoppedMs)} (retention.stoppedMs in the configuration)`;
    found.push({ at: stoppedAt + stoppedMs, limit: null, why });
  }
  if ((state === 'running' || state === 'paused') && startedAt !== null) {
    const { wallTimeMs, idleTimeMs } = spec.limits;
    if (wallTimeMs !== undefined) found.push({ at: startedAt + wallTimeMs, limit: 'wallTimeMs' });
    if (idleTimeMs !== undefined) {
      found.push({ at: Math.max(startedAt, lastActivity ?? 0) + idleTimeMs, limit: 'idleTimeMs' });
    }
  }
  return found.reduce<Deadline | null>((first, next) => (first && first.at <= next.at ? first : next), null);
}

/** Holds the limits that the host itself enforces. Returns the function that ends it. */
export function enforceDeadlines(dependencies: {
  readonly registry: Registry;
  readonly sandboxes: Sandboxes;
  readonly activity: Activity;
  readonly settings: Pick<SettingsService, 'get' | 'onChange'>;
  readonly log: Log;
}): () => void {
  const { registry, sandboxes, activity, settings, log } = dependencies;
  const timers = new Map<string, NodeJS.Timeout>();
  const retryAt = new Map<string, number>();

  function arm(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    const entry = registry.find(id);
    if (!entry) {
      activity.forget(id);
      retryAt.delete(id);
      return;
    }
    const deadline = nextDeadline(entry.sandbox, activity.last(id), settings.get().retention);
    if (!deadline) return;
    const at = Math.max(deadline.at, retryAt.get(id) ?? 0);
    const delay = Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER_MS);
    timers.set(
      id,
      setTimeout(() => void expire(id), delay),
    );
  }

  async function expire(id: string): Promise<void> {
    const entry = registry.find(id);
    const deadline = entry ? nextDeadline(entry.sandbox, activity.last(id), settings.get().retention) : null;
    if (!deadline) return;
    if (deadline.at > Date.now()) {
      arm(id); // a long delay in parts, or something was done meanwhile
      return;
    }
    try {
      if (deadline.limit === null) {
        await sandboxes.destroy(id, { confirmForeign: false, keepWorkspace: false }, deadline.why);
      } else await sandboxes.stop(id, GRACE_MS, { confirmForeign: false }, { limit: deadline.limit });
      retryAt.delete(id);
    } catch (error) {
      retryAt.set(id, Date.now() + RETRY_MS);
      arm(id);
      log.warn({ err: error, id }, 'a sandbox whose time is over could not be ended');
    }
  }

  const armAll = () => {
    for (const { sandbox } of registry.all()) arm(sandbox.id);
  };
  const unsubscribes = [registry.onChange(arm), activity.onTouch(arm), settings.onChange(armAll)];
  armAll();
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
