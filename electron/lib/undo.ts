import type { Log } from './log.ts';

type Step = () => Promise<unknown> | undefined;

/**
 * Takes back what a failed operation has done so far: every step, in their order, whatever becomes of the others.
 * Throws `cause`. What fails of the steps is logged by its name: why the operation failed matters more.
 */
export async function undo(cause: unknown, log: Log, steps: Readonly<Record<string, Step>>): Promise<never> {
  for (const [step, run] of Object.entries(steps)) {
    try {
      await run();
    } catch (error) {
      log.warn({ err: error, step }, 'what a failed operation has left could not be undone');
    }
  }
  throw cause;
}
