import { setTimeout as sleep } from 'node:timers/promises';
import { dialog, shell } from 'electron';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { linkTo } from '../server/link.ts';
import { linkToRunningHost } from '../server/running-host.ts';

/** Longer than a host takes to let go of everything (an engine that does not answer keeps it for ten seconds). */
const END_MS = 20_000;
const POLL_MS = 100;

const buttons = ['Open It in the Browser', 'Stop It and Go On Here', 'Cancel'];
const OPEN = 0;
const STOP = 1;
const CANCEL = 2;

/**
 * What a command or a browser has started may have the state folder. Asks the user what to do about it, and starts the
 * window once that has ended. Null where nothing is to be started; throws what `start` does when nobody answers there.
 */
export async function startOrAsk<T>(homePath: string, start: () => T): Promise<T | null> {
  try {
    return start();
  } catch (error) {
    const running = isAppError(error, 'conflict') ? await linkToRunningHost(homePath) : null;
    if (running === null) throw error;
    const { response } = await dialog.showMessageBox({
      type: 'question',
      buttons,
      defaultId: OPEN,
      cancelId: CANCEL,
      noLink: true,
      message: 'Terrarium runs already, without a window',
      detail:
        'A command or a browser has started it. If it is stopped, sandboxes go on; commands and consoles that it holds end.',
    });
    if (response === STOP) return stopAndStart(homePath, start);
    if (response === OPEN) await shell.openExternal(linkTo(running.port, running.token));
    return null;
  }
}

async function stopAndStart<T>(homePath: string, start: () => T): Promise<T> {
  // The user took their time: it may be gone, and its number another program's by now. Who answers is there.
  const running = await linkToRunningHost(homePath);
  if (running) endProcess(running.pid);
  for (const deadline = performance.now() + END_MS; performance.now() < deadline; await sleep(POLL_MS)) {
    try {
      return start();
    } catch (error) {
      if (!isAppError(error, 'conflict')) throw error;
    }
  }
  throw new AppError('timeout', 'The Terrarium that runs already did not end', {
    hint: `End it (its process is ${running?.pid ?? 'unknown'}), and start this one again.`,
  });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // else it has ended by itself
  }
}
