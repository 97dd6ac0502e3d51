import { sleep } from '../../lib/sleep.ts';
import type { Engines } from '../engines/engines.ts';
import type { Exceeds } from './budgets.ts';

/** Until what has ended is followed again: without a main program at once, else until the list tells of its end. */
const AGAIN_MS = 1000;

/** Of the main program, which writes to the engine's log and not through the host. */
export function outgrowsOutput(engines: Engines): Exceeds {
  return async ({ sandbox, ref, most, signal }) => {
    while (!signal.aborted) {
      const { engine } = engines.available(sandbox.engine);
      for await (const bytes of engine.outputBytes?.(ref, signal) ?? []) if (bytes > most) return;
      await sleep(AGAIN_MS, signal);
    }
  };
}
