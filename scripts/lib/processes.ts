import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './command.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  /** With the pid, this names a process for good: a pid alone may be used again. */
  readonly started: string;
  readonly command: string;
}

/** Every process that runs, without zombies: those have ended and only wait for their parent. */
export async function listProcesses(): Promise<readonly ProcessInfo[]> {
  return process.platform === 'linux' ? listFromProc() : listFromPs();
}

function listFromProc(): readonly ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readOrEmpty(`/proc/${name}/stat`);
      const info = parseStat(stat);
      if (!info) return [];
      const command = readOrEmpty(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      return [command === '' ? info : { ...info, command }];
    });
}

/** One `/proc/PID/stat` line (proc_pid_stat(5)); null for a zombie and for a process that is gone. */
export function parseStat(stat: string): ProcessInfo | null {
  // The name is in parentheses and may itself hold spaces and parentheses.
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = stat.slice(close + 2).split(' ');
  const [state = '', ppid = '', group = '', session = ''] = fields;
  if (state === 'Z' || state === 'X') return null;
  return {
    pid: Number(stat.slice(0, open)),
    ppid: Number(ppid),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? '',
    command: `[${stat.slice(open + 1, close)}]`,
  };
}

async function listFromPs(): Promise<readonly ProcessInfo[]> {
  const result = await runCommand('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart=,command=']);
  return result.stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const [, pid, ppid, group, state = '', started = '', command = ''] = match;
    if (state.startsWith('Z')) return [];
    return [{ pid: Number(pid), ppid: Number(ppid), group: Number(group), session: Number(group), started, command }];
  });
}

/** `root` and all below it. */
export function withDescendants(all: readonly ProcessInfo[], root: number): readonly ProcessInfo[] {
  const found = all.filter((info) => info.pid === root);
  for (const parent of found) {
    // `found` grows while it is walked, so that grandchildren are met too.
    found.push(...all.filter((info) => info.ppid === parent.pid && !found.includes(info)));
  }
  return found;
}

/**
 * True when the process was started below something whose environment names `folder`, works in that
 * folder, or was told of it on its command line. This also finds a process that has left its parent.
 */
export function mentions(info: ProcessInfo, folder: string): boolean {
  if (info.command.includes(folder)) return true;
  if (process.platform !== 'linux') return false;
  if (readOrEmpty(`/proc/${info.pid}/environ`).includes(folder)) return true;
  return readLinkOrEmpty(`/proc/${info.pid}/cwd`).startsWith(folder);
}

/** Those of `infos` that still run. */
export async function stillRunning(infos: readonly ProcessInfo[]): Promise<readonly ProcessInfo[]> {
  const now = await listProcesses();
  return infos.filter((info) => now.some((other) => other.pid === info.pid && other.started === info.started));
}

/** Waits until none of `infos` runs; what is left after `timeoutMs` is returned. */
export async function waitUntilGone(infos: readonly ProcessInfo[], timeoutMs: number): Promise<readonly ProcessInfo[]> {
  const deadline = Date.now() + timeoutMs;
  let left = await stillRunning(infos);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(50);
    left = await stillRunning(left);
  }
  return left;
}

/** Sends the signal to each; one that has ended meanwhile is what was wanted. */
export function signalAll(infos: readonly ProcessInfo[], signal: NodeJS.Signals): void {
  for (const info of infos) signalPid(info.pid, signal);
}

/** `pid` below zero names a process group. False when there is nothing there any more. */
export function signalPid(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** TERM, then KILL for what does not listen; returns what even then runs. */
export async function endProcesses(infos: readonly ProcessInfo[], graceMs: number): Promise<readonly ProcessInfo[]> {
  signalAll(await stillRunning(infos), 'SIGTERM');
  const stubborn = await waitUntilGone(infos, graceMs);
  signalAll(stubborn, 'SIGKILL');
  return waitUntilGone(stubborn, 5_000);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

function readOrEmpty(path: string): string {
  return orEmpty(() => readFileSync(path, 'utf8'));
}

function readLinkOrEmpty(path: string): string {
  return orEmpty(() => readlinkSync(path));
}

/** A process may end, or belong to someone else, while it is looked at. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return '';
    throw error;
  }
}
