import { createInterface } from 'node:readline';
import { Option } from '@commander-js/extra-typings';
import { AppError } from '../../../shared/model/error.ts';

export const forceOption = new Option('-f, --force', 'without asking');

/** Before anything is looked at: where nobody can be asked, it takes `--force`. */
export function requireAnswer(force: boolean): void {
  if (force || (process.stdin.isTTY && process.stderr.isTTY)) return;
  throw new AppError('invalid_input', 'There is no terminal here to ask whether to destroy them', {
    hint: 'Give --force when you mean it.',
  });
}

/** Asks on the terminal. Throws `cancelled` for anything but yes. */
export async function confirm(question: string, signal: AbortSignal): Promise<void> {
  process.stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: process.stdin, terminal: false, signal });
  try {
    for await (const line of lines) {
      if (/^y(es)?$/i.test(line.trim())) return;
      break;
    }
  } finally {
    lines.close();
    process.stdin.pause();
  }
  signal.throwIfAborted();
  throw new AppError('cancelled', 'Nothing was destroyed');
}
