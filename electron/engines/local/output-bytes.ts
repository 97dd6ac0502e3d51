import { stat } from 'node:fs/promises';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import { ifThere } from '../../lib/if-there.ts';
import { readBeginning } from '../../lib/read-beginning.ts';
import { sleep } from '../../lib/sleep.ts';
import type { SandboxPaths } from './manifest.ts';

const POLL_MS = 100;
/** Longer than any number. */
const MOST_BYTES = 32;

/** Beside a log: what is to be added to its size to have what was written since the start. Missing: nothing. */
const besidePath = (log: string) => `${log}.beside`;

async function readBeside(log: string): Promise<number> {
  // Programs inside can write there: what they put in its place must not be waited for.
  const text = await readBeginning(besidePath(log), MOST_BYTES);
  return text === null || !/^-?\d+\n$/.test(text) ? 0 : Number(text);
}

/** A log that is there already is an earlier run's. */
export async function countFromHere(log: string): Promise<void> {
  const size = (await ifThere(stat(log)))?.size ?? 0;
  // Most starts write nothing: it takes the disk some milliseconds.
  if ((await readBeside(log)) !== -size) await writeFileAtomic(besidePath(log), `${-size}\n`);
}

/** Call after a log was emptied. */
export async function countCut(log: string, bytes: number): Promise<void> {
  await writeFileAtomic(besidePath(log), `${(await readBeside(log)) + bytes}\n`);
}

async function written(log: string): Promise<number> {
  // In this order a cut in between makes it less for a moment, and never more.
  const beside = await readBeside(log);
  return beside + ((await ifThere(stat(log)))?.size ?? 0);
}

/** See `Engine.outputBytes`. */
export async function* followOutputBytes(
  { stdout, stderr }: SandboxPaths,
  signal: AbortSignal,
  isOver: () => Promise<boolean>,
): AsyncGenerator<number, void> {
  for (let last = -1, over = false; !over && !signal.aborted; await sleep(over ? 0 : POLL_MS, signal)) {
    // Asked first: what is written before the end is then surely counted.
    over = await isOver();
    const bytes = (await written(stdout)) + (await written(stderr));
    if (bytes > last) yield bytes;
    last = Math.max(last, bytes);
  }
}
