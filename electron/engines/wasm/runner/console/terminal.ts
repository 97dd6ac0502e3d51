import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { Guest } from '../run-wasi.ts';
import { CELLS, cell, type FromWorker, INTERRUPT, type WorkerData } from './link.ts';

const HISTORY = 1000;
/** So that an interpreter finds its own end before V8 finds its. */
const STACK_MIB = 8;

/**
 * Lets somebody type to an interpreter: lines are edited here, by Node's readline, and run in a thread beside.
 * While something runs the terminal is the kernel's again: what runs can read from it, and Ctrl+C is a signal.
 */
export async function runConsole({ job, argv, env }: Guest): Promise<number> {
  const { stdin, stdout } = process;
  const shared = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
  const cells = new Int32Array(shared);
  const measure = () => {
    cells[cell.columns] = stdout.columns ?? 80;
    cells[cell.rows] = stdout.rows ?? 24;
  };
  measure();
  stdout.on('resize', measure);

  /** Lines that were typed while something ran. */
  const waiting: string[] = [];
  let other: Int32Array | undefined;
  const interrupt = () => {
    // As a terminal does it: what was typed ahead is given up as well. So none of it clears the interrupt.
    waiting.length = 0;
    Atomics.store(cells, cell.interrupt, INTERRUPT);
    Atomics.notify(cells, cell.interrupt);
    if (other) Atomics.store(other, 0, INTERRUPT);
  };
  process.on('SIGINT', interrupt);

  const data: WorkerData = { job, argv, env, shared };
  // In a bundle this is the whole runner, which is the thread's program as well.
  const file = new URL(import.meta.url.replace(/\/terminal\.(ts|js)$/, '/worker.$1'));
  const worker = new Worker(file, {
    workerData: data,
    env: {},
    resourceLimits: { stackSizeMb: STACK_MIB },
  });
  const ended = Promise.withResolvers<number>();
  worker.on('error', ended.reject);
  worker.on('exit', (code) => ended.resolve(code));

  let prompts: readonly [string, string] = ['', ''];
  let source = '';
  let busy = true;
  let closing = false;
  const lines = createInterface({
    input: stdin,
    output: stdout,
    terminal: true,
    historySize: HISTORY,
    removeHistoryDuplicates: true,
    tabSize: 4,
  });
  lines.pause();
  if (stdin.isTTY) stdin.setRawMode(false);
  const next = () => {
    const line = waiting.shift();
    if (line !== undefined) return send(line);
    busy = false;
    if (closing) return ended.resolve(0);
    lines.setPrompt(prompts[source === '' ? 0 : 1]);
    if (stdin.isTTY) stdin.setRawMode(true);
    // A line may have been begun meanwhile, and goes on at its end.
    lines.prompt(true);
  };
  const send = (line: string) => {
    busy = true;
    // The signal that tells of a new size may come later than what was typed after it. Node has no public way to ask.
    (stdout as { readonly _refreshSize?: () => void })._refreshSize?.();
    source = source === '' ? line : `${source}\n${line}`;
    Atomics.store(cells, cell.interrupt, 0);
    if (other) Atomics.store(other, 0, 0);
    if (stdin.isTTY) stdin.setRawMode(false);
    // A Ctrl+C typed before that mode is a character that waits to be read, and would be heard of too late. So
    // reading goes on until the loop has looked once more: the first check is of the turn that is under way.
    setImmediate(() =>
      setImmediate(() => {
        lines.pause();
        worker.postMessage(source);
      }),
    );
  };
  lines.on('line', (line) => {
    if (busy) waiting.push(line);
    else send(line);
  });
  // Ctrl+C while a line is typed gives it up, and what came before it.
  lines.on('SIGINT', () => {
    if (busy) return interrupt();
    source = '';
    stdout.write('\n');
    lines.setPrompt(prompts[0]);
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    lines.prompt();
  });
  // Ctrl+D
  lines.on('close', () => {
    closing = true;
    if (!busy) {
      stdout.write('\n');
      ended.resolve(0);
    }
  });
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'exit') return ended.resolve(message.code);
    if (message.type === 'interrupt') {
      other = new Int32Array(message.buffer);
      return;
    }
    if (message.type === 'ready') {
      prompts = message.prompts;
      stdout.write(message.banner);
    } else if (message.answer === 'done') source = '';
    next();
  });

  const code = await ended.promise;
  lines.close();
  if (stdin.isTTY) stdin.setRawMode(false);
  // The worker may be in the middle of something that never ends.
  process.exit(code);
}
