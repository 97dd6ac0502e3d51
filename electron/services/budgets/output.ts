import { AppError } from '../../../shared/model/error.ts';
import type { Engines } from '../engines/engines.ts';
import type { Exceeds } from './budgets.ts';

/** Of the main program, which writes to the engine's log and not through the host. */
export function outgrowsOutput(engines: Engines): Exceeds {
  return async ({ sandbox, ref, most, signal }) => {
    const { engine } = engines.available(sandbox.engine);
    // Without a main program there is nothing to count.
    if (!engine.outputBytes) return aborted(signal);
    for await (const bytes of engine.outputBytes(ref, signal)) if (bytes > most) return;
    if (signal.aborted) return;
    // Its end is not yet in the list, or the engine let go of the log: looked at again.
    throw new AppError('engine_unavailable', 'The output could not be followed any more');
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
