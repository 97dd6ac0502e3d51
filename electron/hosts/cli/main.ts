import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from '@commander-js/extra-typings';
import { AppError } from '../../../shared/model/error.ts';
import { exitCodes, FAILED_TO_RUN } from './exit-codes.ts';
import { asksForJson, tellFailure } from './failure.ts';
import { createProgram, MORE } from './program.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  readonly version: string;
};

/** They end with their command's code, so with another one where it was not run. */
const runsCommand = ['exec', 'run'].includes(process.argv[2] ?? '');
const json = asksForJson(process.argv.slice(2));

try {
  await createProgram(version, { json }).parseAsync();
} catch (error) {
  const isWrongUse = error instanceof CommanderError;
  if (!isWrongUse || error.exitCode !== 0) {
    const code = isWrongUse ? wrongUse(error) : tellFailure(error);
    process.exitCode = runsCommand ? FAILED_TO_RUN : code;
  }
}

/** It has been told, but in JSON. */
function wrongUse({ message }: CommanderError): number {
  if (json) tellFailure(new AppError('invalid_input', message.replace(/^error: /, ''), { hint: MORE }));
  return exitCodes.invalid_input;
}
