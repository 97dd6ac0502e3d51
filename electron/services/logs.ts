import type { LogLine } from '../../shared/contract/logs.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

export interface LogOptions {
  readonly tail: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface Logs {
  /** Output of the main program in batches of lines. */
  readonly follow: (id: string, options: LogOptions) => AsyncIterable<readonly LogLine[]>;
}

export function createLogs(sandboxes: Sandboxes): Logs {
  return {
    follow(id, options) {
      const { engine, ref } = sandboxes.target(id);
      return engine.logs(ref, options);
    },
  };
}
