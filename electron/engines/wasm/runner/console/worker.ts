// The thread of a console's interpreter.
import { parentPort, workerData } from 'node:worker_threads';
import { createGuestFiles } from '../guest-files.ts';
import { createLedger } from '../ledger.ts';
import { createPythonSession } from '../python/session.ts';
import { createQuickJsSession } from '../quickjs/session.ts';
import { isGuestExit } from '../wasi-process.ts';
import { cell, type FromWorker, type WorkerData } from './link.ts';

const { job, argv, env, shared }: WorkerData = workerData;
const cells = new Int32Array(shared);
const ledger = createLedger(job);
const post = (message: FromWorker) => parentPort?.postMessage(message);

/** Nothing of the guest's runs any more: this thread only waits for the process to end. */
const end = (code: number): never => {
  post({ type: 'exit', code });
  for (;;) Atomics.wait(cells, cell.rows, Atomics.load(cells, cell.rows));
};

const create = job.runtime === 'python' ? createPythonSession : createQuickJsSession;
const session = await create({
  guest: { job, argv, env, ledger, files: createGuestFiles(job.roots) },
  cells,
  onInterruptBuffer: (buffer) => post({ type: 'interrupt', buffer }),
  exit: (code) => end(ledger.close({ code })),
});
post({ type: 'ready', banner: session.banner, prompts: session.prompts });

parentPort?.on('message', (source: string) => void answer(source));

async function answer(source: string): Promise<void> {
  try {
    post({ type: 'answer', answer: await session.push(source) });
    ledger.note();
  } catch (error) {
    if (isGuestExit(error)) end(ledger.close({ code: error.exitCode }));
    end(ledger.close({ error }));
  }
}
