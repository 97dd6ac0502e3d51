import { cell, type Session } from '../console/link.ts';
import type { Guest } from '../run-wasi.ts';
import { writeText } from '../standard-streams.ts';
import { createMachine } from './machine.ts';

export interface SessionOptions {
  readonly guest: Guest;
  readonly cells: Int32Array;
  /** Python's, which Ctrl+C sets as well. */
  readonly onInterruptBuffer: (buffer: SharedArrayBuffer) => void;
  /** Does not return. */
  readonly exit: (code: number) => never;
}

/** A console of QuickJS: every line is a script of one global scope, and its value is shown. */
export async function createQuickJsSession({
  guest,
  cells,
  exit,
}: Omit<SessionOptions, 'onInterruptBuffer'>): Promise<Session> {
  const { files, job, argv, env, ledger } = guest;
  const interrupted = () => Atomics.load(cells, cell.interrupt) !== 0;
  const machine = await createMachine(
    guest,
    {
      files,
      workdir: job.workdir,
      args: argv.slice(1),
      env,
      world: ledger.world,
      exit: (code) => exit(code & 0xff),
      sleep: (ms) => void Atomics.wait(cells, cell.interrupt, 0, ms),
      terminalSize: () => ({ columns: cells[cell.columns] ?? 80, rows: cells[cell.rows] ?? 24 }),
    },
    { interrupted },
  );
  return {
    banner: `QuickJS ${machine.vm.versions.quickjs} in WebAssembly. Files: std.readFile, std.writeFile …; std.exit() or Ctrl+D ends.\n`,
    prompts: ['> ', '... '],
    push(source) {
      if (source.trim() === '') return 'done';
      if (machine.isIncomplete(source)) return 'more';
      const outcome = machine.run(source, '<console>', 'script');
      if (outcome.state === 'done') writeText(1, outcome.text === '' ? '' : `${outcome.text}\n`);
      else if (outcome.state === 'failed') writeText(2, `Uncaught ${outcome.text}\n`);
      else writeText(2, interrupted() ? 'Interrupted\n' : 'Nothing is left that could settle this promise\n');
      return 'done';
    },
  };
}
