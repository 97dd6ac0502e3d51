import { spawn } from '@lydell/node-pty';

/** Runs a command on a terminal that nothing but this process reads; milliseconds until all is read. */
export async function barePtyMs(argv: readonly string[], cwd: string): Promise<number> {
  const [file = '', ...args] = argv;
  const start = performance.now();
  const pty = spawn(file, args, { cwd, cols: 120, rows: 40, encoding: null });
  let last = start;
  pty.onData(() => {
    last = performance.now();
  });
  await new Promise<void>((resolve) => pty.onExit(() => resolve()));
  // node-pty tells of the exit some time after the last output.
  return last - start;
}
