import { setTimeout as delay } from 'node:timers/promises';
import { killNewest } from './proc-hunt.ts';

/** One process of this machine, as the system tells it at the moment of the scan. */
export interface Proc {
  readonly pid: number;
  readonly ppid: number;
  readonly session: number;
  /** Its process group. */
  readonly group: number;
  /** Together with the pid it names a process for good: pids are used again. The unit is the system's own. */
  readonly startTime: number;
  /** Set when it has a controlling terminal. */
  readonly onTerminal: boolean;
  /** `zombie`: ended, and only waits to be reaped. */
  readonly state: 'alive' | 'stopped' | 'zombie';
  readonly threads: number;
  /** CPU time of the process and of the children it has waited for. */
  readonly cpuNs: number;
  readonly residentBytes: number;
}

/** How the processes of one sandbox are told from all others; see the system's own `proc-*.ts`. */
export interface ProcMark {
  readonly number: number;
  /** The value of the environment variable TERRARIUM_SANDBOX_ID. */
  readonly id: string;
  /** One program (an exec, a console) of the sandbox, with all that it started; all programs when undefined. */
  readonly part?: number;
}

/** All processes at one moment. */
export interface ProcScan {
  readonly all: ReadonlyMap<number, Proc>;
  /** Marks that are in use, by whomever. */
  readonly marks: ReadonlySet<number>;
  /** Those that carry the mark, zombies included. */
  readonly marked: (mark: ProcMark) => readonly Proc[];
}

export interface ProcUse {
  readonly memoryBytes: number | null;
  readonly diskReadBytes: number | null;
  readonly diskWriteBytes: number | null;
}

export interface ProcTable {
  readonly scan: () => ProcScan;
  /** What one process holds and has moved; null where it cannot be read. */
  readonly use: (proc: Proc) => ProcUse;
  /** Whether this very process (not a later one with its pid) still runs. */
  readonly isAlive: (pid: number, startTime: number) => boolean;
  /** Null when there is no such process. */
  readonly startTimeOf: (pid: number) => number | null;
  /** Whether a process that was just started carries the mark by now; null when it is gone. */
  readonly carries: (pid: number, mark: ProcMark) => boolean | null;
  /**
   * A quick look, to be repeated: whether processes began on this machine since the last look, and
   * which of the newest carry the mark and are alive.
   */
  readonly newest: (mark: ProcMark) => () => { readonly began: boolean; readonly members: readonly number[] };
}

/**
 * The members of a sandbox: what carries its mark, and what descends from that (a program may have
 * changed its own mark). Live ones only.
 */
export function membersOf(scan: ProcScan, mark: ProcMark): readonly Proc[] {
  return descendants(
    scan,
    scan.marked(mark).map(({ pid }) => pid),
  );
}

/** Live processes among the given ones and all that descend from them. */
export function descendants(scan: ProcScan, roots: Iterable<number>): readonly Proc[] {
  const children = new Map<number, number[]>();
  for (const { pid, ppid } of scan.all.values()) {
    const siblings = children.get(ppid);
    if (siblings) siblings.push(pid);
    else children.set(ppid, [pid]);
  }
  const found = new Set<number>(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found].flatMap((pid) => {
    const proc = scan.all.get(pid);
    return proc && proc.state !== 'zombie' ? [proc] : [];
  });
}

/** Sends a signal; a process that is already gone, or is not ours to signal, is passed over. */
export function signalAll(procs: Iterable<Proc>, signal: NodeJS.Signals): void {
  for (const { pid } of procs) signalPid(pid, signal);
}

export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/**
 * Resolves when a process that was just started carries its mark, or is gone. It is started without:
 * until its launcher has set it, no scan would find it, and a stop or a pause would miss it.
 */
export async function untilMarked(table: ProcTable, pid: number, mark: ProcMark): Promise<void> {
  while (table.carries(pid, mark) === false) await delay(1);
}

const POLL_MS = 10;
/** Passes over the table before giving up: some 10 s with the scans. A process in an uninterruptible wait can outlive that. */
const MAX_PASSES = 500;

/** Stops members until a scan finds none that still runs: what is stopped cannot fork any more. */
export async function stopAll(members: () => readonly Proc[]): Promise<void> {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const running = members().filter(({ state }) => state !== 'stopped');
    if (running.length === 0) return;
    signalAll(running, 'SIGSTOP');
    await delay(1);
  }
}

/**
 * Kills members until none is left. They are stopped first, so that a program which forks faster
 * than it is killed (a fork bomb) cannot get away; when a scan finds none, the newest processes are
 * watched for what slips through scans. False when something would not die.
 */
export async function killAll(table: ProcTable, mark: ProcMark, members: () => readonly Proc[]): Promise<boolean> {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const started = performance.now();
    const left = members();
    if (left.length > 0) {
      if (pass === 0) await stopAll(members);
      signalAll(members(), 'SIGKILL');
      await delay(POLL_MS);
    } else if (!(await killNewest(table, mark, performance.now() - started))) {
      return true;
    }
  }
  return false;
}

/**
 * Kills one program of a sandbox with all that it started: what carries the program's own mark, its
 * session, and what descends from those. What it takes in once stays in, however parents change.
 */
export function killTree(table: ProcTable, root: number, program: Required<ProcMark>): Promise<boolean> {
  const { part, ...mark } = program;
  const known = new Map<number, number>();
  return killAll(table, program, () => {
    const scan = table.scan();
    const ofProgram = new Set(scan.marked({ ...mark, part }));
    const roots = membersOf(scan, mark).filter(
      (proc) => ofProgram.has(proc) || proc.session === root || known.get(proc.pid) === proc.startTime,
    );
    const tree = descendants(
      scan,
      roots.map(({ pid }) => pid),
    );
    for (const { pid, startTime } of tree) known.set(pid, startTime);
    return tree;
  });
}
