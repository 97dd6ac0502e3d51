import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from '@commander-js/extra-typings';
import { exitCodes, FAILED_TO_RUN } from './exit-codes.ts';
import { tellFailure } from './failure.ts';
import { createProgram } from './program.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  readonly version: string;
};

/** They end with their command's code, so with another one where it was not run. */
const runsCommand = ['exec', 'run'].includes(process.argv[2] ?? '');

try {
  await createProgram(version).parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  const code = error instanceof CommanderError ? exitCodes.invalid_input : tellFailure(error);
  if (!isHelp) process.exitCode = runsCommand ? FAILED_TO_RUN : code;
}
