import { type LimitName, limitNames } from '../../../shared/model/limits.ts';
import { createAsyncQueue } from '../../lib/async-queue.ts';
import type { Log } from '../../lib/log.ts';
import type { Engine, EngineChange, EngineObject } from '../engine.ts';
import { logMax, rotateLog } from './logs.ts';
import { type Manifest, toObject } from './manifest.ts';
import type { Registry } from './registry.ts';

const PULSE_MS = 1000;
/** With a main program, whose end and whose log want a closer look. */
const ACTIVE_PULSE_MS = 250;
/** After a start, and while a program writes faster than its log should grow. */
const FLOOD_PULSE_MS = 25;

type Strikes = Readonly<Partial<Record<LimitName, number>>>;

/**
 * Looks at everything once in a while: adopted main programs that have ended, what other instances
 * and people did to the folders, logs that have grown too large. What this instance does itself is
 * announced at once.
 */
export function createPulse(
  registry: Registry,
  log: Log,
): Pick<Engine, 'watch'> & {
  /** A main program has just been started. */
  readonly hurry: () => void;
  readonly dispose: () => void;
} {
  /** Sandboxes whose log could not be cut, and it was told. */
  const complained = new Set<string>();

  /** Whether one of its logs had grown too large. Never rejects: one that cannot be cut must not keep others from it. */
  const keepLogSmall = async ({ id, spec }: Manifest): Promise<boolean> => {
    const { stdout, stderr } = registry.paths(id);
    const max = logMax(spec.limits.fileSizeBytes);
    try {
      const cut = [await rotateLog(stdout, max), await rotateLog(stderr, max)];
      complained.delete(id);
      return cut.includes(true);
    } catch (error) {
      if (!complained.has(id)) log.warn({ sandbox: id, error }, 'a log cannot be kept small');
      complained.add(id);
      return false;
    }
  };

  /** Gives the time until it should be called again. */
  const keepLogsSmall = async (): Promise<number> => {
    let next = PULSE_MS;
    for (const manifest of await registry.list()) {
      if (!manifest.main) continue;
      next = Math.min(next, (await keepLogSmall(manifest)) ? FLOOD_PULSE_MS : ACTIVE_PULSE_MS);
    }
    return next;
  };

  let timer: NodeJS.Timeout | undefined;
  let disposed = false;
  const beat = async () => {
    timer = undefined;
    // A folder that has just gone, too many open files: the next beat tries again, and who asks for the list is told.
    const next = await keepLogsSmall().catch(() => PULSE_MS);
    registry.changes.publish();
    schedule(next);
  };
  const schedule = (ms: number) => {
    if (disposed) return;
    timer = setTimeout(() => void beat(), ms);
    timer.unref();
  };
  schedule(PULSE_MS);

  const watch = (signal: AbortSignal, onReady: () => void): AsyncIterable<EngineChange> => {
    const queue = createAsyncQueue<EngineChange>(() => release());
    let known: ReadonlyMap<string, string> | undefined;
    let looking: Promise<void> | undefined;
    let again = false;

    let struck: ReadonlyMap<string, Strikes> = new Map();

    /** Limits that were hit and that the sandbox survived: its state does not tell of them. */
    const lookForStrikes = async (manifests: readonly Manifest[]) => {
      const now = new Map<string, Strikes>();
      for (const manifest of manifests) {
        const counts = await registry.strikes(manifest);
        now.set(manifest.id, counts);
        const before = struck.get(manifest.id);
        for (const limit of limitNames) {
          if (known && (counts[limit] ?? 0) > (before?.[limit] ?? 0)) {
            queue.push({ type: 'limit', ref: manifest.id, limit });
          }
        }
      }
      struck = now;
    };

    const look = async () => {
      const manifests = await registry.list();
      await lookForStrikes(manifests);
      const objects: readonly EngineObject[] = manifests.map(toObject);
      const now = new Map(objects.map((object) => [object.ref, JSON.stringify(object)]));
      const before = known;
      known = now;
      if (!before) return onReady();
      for (const object of objects) {
        if (before.get(object.ref) === now.get(object.ref)) continue;
        const limit = limitNames.find((name) => name === object.exit?.limit);
        if (limit) queue.push({ type: 'limit', ref: object.ref, limit });
        queue.push({ type: 'changed', object });
      }
      for (const ref of before.keys()) if (!now.has(ref)) queue.push({ type: 'removed', ref });
    };
    const wake = () => {
      if (looking) {
        again = true;
        return;
      }
      looking = look()
        .catch(queue.fail)
        .finally(() => {
          looking = undefined;
          if (again) {
            again = false;
            wake();
          }
        });
    };

    const unsubscribe = registry.changes.subscribe(wake);
    const end = () => queue.end();
    signal.addEventListener('abort', end);
    const release = () => {
      unsubscribe();
      signal.removeEventListener('abort', end);
    };
    if (signal.aborted) end();
    wake();
    return queue;
  };

  return {
    watch,
    hurry() {
      if (!timer) return; // a beat is under way and will see it
      clearTimeout(timer);
      schedule(FLOOD_PULSE_MS);
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
