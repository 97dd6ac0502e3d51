import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { sleep } from '../../lib/sleep.ts';
import { sandboxDirectory } from '../sandboxes/directories.ts';
import type { Exceeds } from './budgets.ts';

const LOOK_MS = 2000;
/** A large folder takes long to look through: that then takes this part of the time at most. */
const SHARE = 0.1;

/** Of its workspace and its own folder, where the engine keeps logs and the like. */
export function outgrowsDisk(home: string): Exceeds {
  return async ({ sandbox, most, signal }) => {
    while (!signal.aborted) {
      const begun = performance.now();
      if ((await bytesOnDisk(foldersOf(home, sandbox), signal)) > most) return;
      await sleep(Math.max(LOOK_MS, (performance.now() - begun) / SHARE), signal);
    }
  };
}

export function foldersOf(home: string, { id, workspace }: Sandbox): readonly string[] {
  const own = sandboxDirectory(home, id);
  if (workspace === null) return [own];
  const fromOwn = relative(own, workspace);
  return fromOwn.startsWith('..') || isAbsolute(fromOwn) ? [own, workspace] : [own];
}

/**
 * As du(1) counts: blocks, each file once, links not followed, other file systems left out. A program of its
 * own, so that a folder of a million files does not hold up the host. What may not be read is not counted.
 */
export async function bytesOnDisk(folders: readonly string[], signal: AbortSignal): Promise<number> {
  const failed = (cause?: unknown) =>
    new AppError('internal', `The size of ${folders.join(', ')} could not be told`, { cause });
  // It says of each folder that it may not read, which can be any number.
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const du = spawn('du', ['-skx', '--', ...folders], {
    signal,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: [...stdio],
  });
  const [told] = await Promise.all([text(du.stdout), once(du, 'close')]).catch((cause: unknown) => {
    throw failed(cause);
  });
  const sizes = [...told.matchAll(/^(\d+)\t/gm)].map(([, kib]) => Number(kib));
  // It fails as well when a file has just gone: what it has counted is told all the same.
  if (sizes.length === 0) throw failed();
  return sizes.reduce((sum, kib) => sum + kib, 0) * 1024;
}
