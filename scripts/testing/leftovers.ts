import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from '../lib/command.ts';
import { endProcesses, listProcesses, mentions, type ProcessInfo } from '../lib/processes.ts';
import type { Fence } from './fence.ts';

/** What belongs to one run of the tests. */
export interface RunMarks {
  /** The run's temporary folder: in the environment of all that the tests start. */
  readonly folder: string;
  /** Sessions led by the tools that were run. */
  readonly sessions: ReadonlySet<number>;
  readonly fence: Pick<Fence, 'pids'>;
}

/** What ends by itself a moment after its parent is not left behind. */
const settleMs = 5_000;

/** Ends what the tests left running; returns it in words. */
export async function endLeftProcesses(marks: RunMarks, settle = settleMs): Promise<readonly string[]> {
  const deadline = Date.now() + settle;
  let left = await findLeft(marks);
  // A process that forks and ends can slip through one look, so it takes two that find nothing.
  for (let quiet = 0; quiet < 2 && Date.now() < deadline; ) {
    await delay(50);
    left = await findLeft(marks);
    quiet = left.length === 0 && marks.fence.pids().size === 0 ? quiet + 1 : 0;
  }
  const stuck = await endProcesses(left, 2_000);
  return left.map((info) => {
    const note = stuck.includes(info) ? ', and it cannot be killed' : '';
    return `pid ${info.pid}: ${info.command.slice(0, 200)}${note}`;
  });
}

async function findLeft({ folder, sessions, fence }: RunMarks): Promise<readonly ProcessInfo[]> {
  const all = await listProcesses();
  const fenced = fence.pids();
  const isLeft = (info: ProcessInfo) => fenced.has(info.pid) || sessions.has(info.session) || mentions(info, folder);
  return all.filter((info) => info.pid !== process.pid && isLeft(info));
}

export async function listContainers(): Promise<readonly string[]> {
  const result = await runCommand('docker', ['ps', '--all', '--quiet', '--no-trunc'], { timeoutMs: 15_000 });
  return result.code === 0 ? result.stdout.split('\n').filter((id) => id !== '') : [];
}

export interface ContainerMarks {
  readonly folder: string;
  /** Those from before the run. */
  readonly before: readonly string[];
  /** The daemon was started for this run, so nobody else makes containers in it. */
  readonly daemonIsOurs: boolean;
}

/** Removes the containers that the tests left; returns them in words. */
export async function removeLeftContainers(marks: ContainerMarks): Promise<readonly string[]> {
  const added = (await listContainers()).filter((id) => !marks.before.includes(id));
  const left: string[] = [];
  for (const id of added) {
    const { stdout, code } = await runCommand('docker', ['inspect', '--type', 'container', id]);
    // In a daemon that others use too, only what mounts or names the run's folder is surely the tests'.
    if (code !== 0 || !(marks.daemonIsOurs || stdout.includes(marks.folder))) continue;
    const described = await runCommand('docker', [
      'ps',
      '--all',
      '--filter',
      `id=${id}`,
      '--format',
      '{{.Names}} ({{.Image}}, {{.Status}})',
    ]);
    await runCommand('docker', ['rm', '--force', '--volumes', id]);
    left.push(`container ${described.stdout.trim() || id}`);
  }
  return left;
}
