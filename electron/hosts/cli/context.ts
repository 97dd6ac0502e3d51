import type { Client } from '../client.ts';
import { createOutput, type Output } from './output.ts';
import { openSession } from './session.ts';

/** What every command knows. */
export interface Context {
  readonly version: string;
  /** Opens a session for the work and closes it after. What the work gives is what `terrarium` ends with. */
  readonly run: (work: (client: Client, output: Output) => Promise<number | undefined>) => Promise<void>;
  readonly output: () => Output;
}

export interface GlobalFlags {
  readonly json: boolean;
  readonly daemon: boolean;
}

export function createContext(version: string, flags: () => GlobalFlags): Context {
  const output = () => createOutput(flags().json);
  return {
    version,
    output,
    async run(work) {
      const session = await openSession({ noDaemon: !flags().daemon, version });
      try {
        process.exitCode = (await work(session.client, output())) ?? 0;
      } finally {
        await session.close();
      }
    },
  };
}
