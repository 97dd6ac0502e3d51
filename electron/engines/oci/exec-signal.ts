import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { signalGroup, signalSome } from '../../lib/proc-group.ts';
import { createLinuxProcTable, readProc } from '../../lib/proc-linux.ts';
import { NOT_INSIDE, SIGNAL_INSIDE } from '../../lib/signal-inside.ts';
import type { ExecControl } from '../engine.ts';
import type { OciClient } from './client.ts';
import { containerProcesses } from './container-processes.ts';
import { isGone } from './errors.ts';
import type { ExecMarker } from './exec-kill.ts';
import { type ExecSession, startExec } from './exec-session.ts';

/** Looks for a command inside that the engine says runs: it may not have come so far. */
const LOOKS = 10;
const LOOK_MS = 20;

const table = createLinuxProcTable();

/** Sends a command signals, see `ExecControl`: engines can start one in a container, and no more. */
export function controlExec(client: OciClient, ref: string, marker: ExecMarker, session: ExecSession): ExecControl {
  /** Its first process as the daemon's machine counts it; null when it is over. */
  const rootOf = async (): Promise<number | null> => {
    for (let wait = 1; ; wait = Math.min(wait * 2, 100)) {
      try {
        const { pid, over } = await session.state();
        if (over) return null;
        if (pid !== 0) return pid;
      } catch (error) {
        if (isGone(error)) return null;
        throw error;
      }
      await sleep(wait);
    }
  };

  return {
    async signal(name) {
      for (let look = 0; look < LOOKS; look += 1) {
        const root = await rootOf();
        if (root === null) return false;
        const reached =
          (await signalFromOutside(client, ref, root, name)) || (await signalFromInside(client, ref, marker, name));
        if (reached) return true;
        await sleep(LOOK_MS);
      }
      throw new AppError('unsupported', 'The command cannot be found in its container', {
        hint: 'It may have cleared its environment, by which it is known. Cancel it instead: that kills it.',
      });
    },
  };
}

/** False when this host cannot see, or may not signal, the container's processes. */
async function signalFromOutside(client: OciClient, ref: string, root: number, name: NodeJS.Signals): Promise<boolean> {
  const pids = new Set(await containerProcesses(client, ref));
  const group = pids.has(root) ? readProc(root)?.group : undefined;
  if (group === undefined) return false;
  try {
    // One that what carries the command in leads must not be signalled as a whole.
    return group === root ? signalGroup(group, name) : signalSome(table, group, (pid) => pids.has(pid), name);
  } catch (error) {
    if (isAppError(error, 'denied')) return false;
    throw error;
  }
}

/** For daemons on other machines, in a VM, or of another user, and for gVisor. False when the command is not there. */
async function signalFromInside(
  client: OciClient,
  ref: string,
  { name, value }: ExecMarker,
  signal: NodeJS.Signals,
): Promise<boolean> {
  const session = await startExec(client, ref, {
    argv: ['sh', '-c', SIGNAL_INSIDE, 'sh', `${name}=${value}`, signal.slice(3)],
    env: {},
    // Not the command's: it would find itself.
    marker: { name: `${name}_SIGNAL`, value },
    tty: false,
    stdin: false,
  });
  for await (const _ of session.socket);
  const { code } = (await session.exit()).exit;
  if (code === 0) return true;
  if (code === NOT_INSIDE) return false;
  throw new AppError('unsupported', 'This image has no shell with which a command could be sent a signal', {
    hint: 'Cancel it instead: that kills it.',
  });
}
