import { cell, type Session } from '../console/link.ts';
import type { SessionOptions } from '../quickjs/session.ts';
import { writeText } from '../standard-streams.ts';
import { beginning, literal } from './bootstrap.ts';
import { createPythonRealm } from './realm.ts';

const MORE = -1;

/** Pyodide's errors name Python's type. They are of its realm, and so of no class that is known here. */
const isKeyboardInterrupt = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'type' in error && error.type === 'KeyboardInterrupt';

/** A console of Python, by its own `code` module. */
export async function createPythonSession({ guest, cells, exit, onInterruptBuffer }: SessionOptions): Promise<Session> {
  const { connect, pyodide, run, interruptBuffer } = await createPythonRealm(guest, {
    terminal: true,
    sleep: (ms) => void Atomics.wait(cells, cell.interrupt, 0, ms),
    terminalSize: () => ({ columns: cells[cell.columns] ?? 80, rows: cells[cell.rows] ?? 24 }),
  });
  connect(guest.job.workdir);
  onInterruptBuffer(interruptBuffer());
  pyodide.runPython(beginning(guest.env));
  pyodide.runPython('_terrarium_push = _terrarium_console()');
  const version = String(pyodide.runPython("__import__('sys').version.split(' (')[0]"));
  return {
    banner: `Python ${version} in WebAssembly (Pyodide)\nType "help", "copyright", "credits" or "license" for more information.\n`,
    prompts: ['>>> ', '... '],
    async push(source) {
      try {
        const answer = Number(await run(`_terrarium_push(${literal(source)})`));
        if (answer >= 0) exit(answer);
        return answer === MORE ? 'more' : 'done';
      } catch (error) {
        // Ctrl+C just before or after what was typed, in Python's code around it.
        if (!isKeyboardInterrupt(error)) throw error;
        writeText(2, '\nKeyboardInterrupt\n');
        return 'done';
      }
    },
  };
}
