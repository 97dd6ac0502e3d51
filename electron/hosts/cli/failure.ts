import { constants } from 'node:os';
import { type AppError, toErrorData } from '../../../shared/model/error.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import { failureOf as failureOfCall } from '../client/failures.ts';
import { exitCodes } from './exit-codes.ts';
import { escapeHidden, plain } from './output.ts';

/** Whatever a command failed with. What the host's client throws is an AppError already; one in this process has others. */
export const failureOf = (error: unknown): AppError => failureOfCall(error, { aborted: false, open: true });

/** As a shell says how a program ended: its code, or 128 and the signal's number. */
export function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/**
 * Whether these arguments ask for JSON, as well as can be said before they are parsed: they may be wrong. What stands behind
 * the first word of `exec` and `run` that is no option, nor looks like an option's value, is their command's.
 */
export function asksForJson(argv: readonly string[]): boolean {
  const [command = ''] = argv;
  const isOption = (word = '') => word.startsWith('-');
  const passesOn = ['exec', 'run'].includes(command);
  const end = argv.findIndex(
    (word, at) => word === '--' || (passesOn && at > 0 && !isOption(word) && !isOption(argv[at - 1])),
  );
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

let asJson = asksForJson(process.argv.slice(2));

/** What the arguments, once parsed, say of it. */
export function tellInJson(json: boolean): void {
  asJson = json;
}

/**
 * Says on stderr what went wrong and what to do, in a line each, or as one AppError in JSON where the command was asked for
 * that. Gives the code to end with.
 */
export function tellFailure(error: unknown): number {
  const failure = failureOf(error);
  const { message, hint, code } = failure;
  if (asJson) process.stderr.write(`${escapeHidden(JSON.stringify(toErrorData(failure)))}\n`);
  else process.stderr.write(`terrarium: ${plain(message)}\n${hint === undefined ? '' : `${plain(hint)}\n`}`);
  return exitCodes[code];
}
