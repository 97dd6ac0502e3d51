import type { LogLine } from '../../shared/contract/logs.ts';
import { capabilitiesFor } from '../../shared/model/engine.ts';
import { AppError } from '../../shared/model/error.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { Engines } from './engines/engines.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

export interface LogOptions {
  readonly tail?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

export interface Logs {
  /** Output of the main program in batches of lines. Throws `unsupported` for `since` where the engine keeps no times. */
  readonly follow: (id: string, options: LogOptions) => AsyncIterable<readonly LogLine[]>;
}

const USUAL_TAIL = 1000;

export function createLogs(sandboxes: Sandboxes, engines: Engines): Logs {
  function requireTimes({ engine, spec }: Sandbox): void {
    const { report } = engines.available(engine);
    const { support, note } = (capabilitiesFor(report, spec?.runtime) ?? report.capabilities).features.logTimes;
    if (support !== 'unsupported') return;
    throw new AppError('unsupported', `This log cannot be read from a time on: ${note ?? 'it has no times'}`, {
      hint: 'Ask for its last lines instead.',
    });
  }

  return {
    follow(id, { tail, since, follow, signal }) {
      const { engine, ref, sandbox } = sandboxes.target(id);
      if (since !== undefined) requireTimes(sandbox);
      const usual = since === undefined ? USUAL_TAIL : Number.POSITIVE_INFINITY;
      return engine.logs(ref, { tail: tail ?? usual, since, follow, signal });
    },
  };
}
