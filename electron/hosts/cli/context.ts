import type { Client } from '../client/connection.ts';
import { endCodeOf, type Interruption, interruption } from './interruption.ts';
import { createOutput, type Output } from './output.ts';
import { openSession } from './session.ts';
import { write } from './terminal.ts';

/** What the work gives is what `terrarium` ends with. The signal, the interruption's, is aborted when it is to end. */
type Work = (
  client: Client,
  output: Output,
  signal: AbortSignal,
  interruption: Interruption,
) => Promise<number | undefined>;

/** What every command knows. */
export interface Context {
  readonly version: string;
  /** Opens a session for the work and closes it after, also when this program is asked to end. */
  readonly run: (work: Work) => Promise<void>;
}

export interface GlobalFlags {
  readonly json: boolean;
  readonly daemon: boolean;
}

export function createContext(version: string, flags: () => GlobalFlags): Context {
  return {
    version,
    async run(work) {
      const interrupted = interruption();
      const { signal } = interrupted;
      const session = await openSession({ noDaemon: !flags().daemon, version });
      try {
        process.exitCode = (await work(session.client, createOutput(flags().json), signal, interrupted)) ?? 0;
      } catch (error) {
        // What it failed with is that it was asked to end.
        if (!signal.aborted) throw error;
      } finally {
        await session.close();
      }
      // That something could not be written is only known then.
      await write('');
      if (signal.aborted) process.exitCode = endCodeOf(signal);
    },
  };
}
