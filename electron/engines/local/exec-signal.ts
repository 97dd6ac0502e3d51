import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../shared/model/error.ts';
import type { ProcTable } from '../../lib/proc.ts';
import { signalGroup, signalSome } from '../../lib/proc-group.ts';
import type { ExecControl } from '../engine.ts';
import type { Launcher, LocalSandbox } from './launcher.ts';

const POLL_MS = 10;
/** What carries a command in is there first. */
const MOST_MS = 5000;

/** Sends a command signals, see `ExecControl`. `child` leads a session and a group of its own. */
export function controlExec(options: {
  readonly launcher: Launcher;
  readonly table: ProcTable;
  readonly sandbox: LocalSandbox;
  readonly child: ChildProcess;
  readonly part: number;
}): ExecControl {
  const { launcher, table, sandbox, child, part } = options;
  const { pid = 0 } = child;
  const isCarrier = (each: number) => launcher.isCarrier?.(each, sandbox) ?? false;

  const send = async (name: NodeJS.Signals): Promise<boolean> => {
    const delivered = await launcher.signalProgram?.(sandbox, part, name);
    if (delivered !== undefined) return delivered;
    if (!isCarrier(pid)) return signalGroup(pid, name);
    const group = groupInside();
    if (group === undefined) return false;
    return group === pid ? signalSome(table, pid, (each) => !isCarrier(each), name) : signalGroup(group, name);
  };

  /** Of the first process that only carries no more: it may have left the group of those that do. */
  const groupInside = (): number | undefined => {
    const all = [...table.scan().all.values()];
    let last = all.find((proc) => proc.pid === pid);
    while (last && isCarrier(last.pid)) {
      const { pid: parent } = last;
      last = all.find(({ ppid, state }) => ppid === parent && state !== 'zombie');
    }
    return last?.group;
  };

  return {
    async signal(name) {
      for (const end = performance.now() + MOST_MS; performance.now() < end; await delay(POLL_MS)) {
        if (child.exitCode !== null || child.signalCode !== null) return false;
        if (await send(name)) return true;
      }
      throw new AppError('unsupported', 'The command cannot be found in its sandbox', {
        hint: 'Cancel it instead: that kills it.',
      });
    },
  };
}
