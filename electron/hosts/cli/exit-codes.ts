import type { ErrorCode } from '../../../shared/model/error.ts';

/** What `terrarium` ends with when it fails itself. `exec` and `run` end with their command's own code. */
export const exitCodes = {
  internal: 1,
  invalid_input: 2,
  not_found: 3,
  conflict: 4,
  unsupported: 5,
  engine_unavailable: 6,
  denied: 7,
  limit_exceeded: 8,
  disconnected: 9,
  // As timeout(1) and shells have it.
  timeout: 124,
  cancelled: 130,
} as const satisfies Readonly<Record<ErrorCode, number>>;

/** `exec` and `run` where Terrarium failed and not the command, as docker(1) has it: a command may end with any of the others. */
export const FAILED_TO_RUN = 125;

const words: Readonly<Record<ErrorCode, string>> = {
  internal: 'failed inside Terrarium',
  invalid_input: 'wrong use',
  not_found: 'not found',
  conflict: 'conflict with what is there',
  unsupported: 'not supported',
  engine_unavailable: 'the engine is not there',
  denied: 'denied',
  limit_exceeded: 'a limit',
  disconnected: 'no connection to the host',
  timeout: 'a timeout',
  cancelled: 'given up, as with Ctrl+C',
};

type Row = readonly [code: number, meaning: string];

const failures = Object.entries(exitCodes).map(([error, code]): Row => [code, words[error as ErrorCode]]);
const notRun: Row = [FAILED_TO_RUN, 'exec and run: the command was not run; else they end with its own code'];

/** Every code and what it says, for help and docs. */
export const exitCodeTable: readonly Row[] = [[0, 'done'] as Row, ...failures, notRun].toSorted(([a], [b]) => a - b);
