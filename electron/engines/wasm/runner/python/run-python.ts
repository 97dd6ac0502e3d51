import { isatty } from 'node:tty';
import type { Guest } from '../run-wasi.ts';
import { ownTerminalSize, sleep } from '../standard-streams.ts';
import { beginning, literal } from './bootstrap.ts';
import { createPythonRealm, type PythonRealm } from './realm.ts';

/** A realm with the streams of this process. */
export const openOwnRealm = (guest: Pick<Guest, 'job' | 'files' | 'ledger'>): Promise<PythonRealm> =>
  createPythonRealm(guest, { terminal: isatty(1), sleep, terminalSize: ownTerminalSize });

/** Runs a Python program to its end and gives its exit code. */
export async function runPython(guest: Guest): Promise<number> {
  const { ledger, argv } = guest;
  try {
    const { connect, pyodide, run } = guest.warm?.realm ?? (await openOwnRealm(guest));
    connect(guest.job.workdir);
    pyodide.runPython(beginning(guest.env));
    const code = await run(`_terrarium_main(${literal(['python', ...argv.slice(1)])})`);
    return ledger.close({ code: Number(code) });
  } catch (error) {
    return ledger.close({ error });
  }
}
