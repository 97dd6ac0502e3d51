import { limitNames } from '../../../shared/model/limits.ts';
import { createAsyncQueue } from '../../lib/async-queue.ts';
import type { Engine, EngineChange, EngineObject } from '../engine.ts';
import { rotateLog } from './logs.ts';
import { toObject } from './manifest.ts';
import type { Registry } from './registry.ts';

const PULSE_MS = 1000;

/**
 * Looks at everything once a second: adopted main programs that have ended, what other instances
 * and people did to the folders, logs that have grown too large. What this instance does itself is
 * announced at once.
 */
export function createPulse(registry: Registry): Pick<Engine, 'watch'> & { readonly dispose: () => void } {
  const keepLogsSmall = async () => {
    for (const { id, main } of await registry.list()) {
      if (!main) continue;
      const { stdout, stderr } = registry.paths(id);
      await rotateLog(stdout);
      await rotateLog(stderr);
    }
  };

  let beating = false;
  const timer = setInterval(() => {
    if (beating) return;
    beating = true;
    keepLogsSmall()
      // A disk that is full, a folder that has just gone: the next beat tries again.
      .catch(() => undefined)
      .finally(() => {
        beating = false;
        registry.changes.publish();
      });
  }, PULSE_MS);
  timer.unref();

  const watch = (signal: AbortSignal, onReady: () => void): AsyncIterable<EngineChange> => {
    const queue = createAsyncQueue<EngineChange>(() => release());
    let known: ReadonlyMap<string, string> | undefined;
    let looking: Promise<void> | undefined;
    let again = false;

    const look = async () => {
      const objects: readonly EngineObject[] = (await registry.list()).map(toObject);
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

  return { watch, dispose: () => clearInterval(timer) };
}
