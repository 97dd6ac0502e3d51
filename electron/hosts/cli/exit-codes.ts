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
