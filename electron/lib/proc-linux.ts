import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Proc, ProcMark, ProcScan, ProcTable, ProcUse } from './proc.ts';

/** USER_HZ: /proc counts CPU time and start times in these, on every architecture that Node supports. */
const TICKS_PER_SECOND = 100;
const NS_PER_TICK = 1e9 / TICKS_PER_SECOND;
/** A process this old that has no mark will not get one: the mark is set before the program starts. */
const SETTLED_SECONDS = 10;
const PAGE_SIZE = pageSize();

/**
 * Reads /proc. Synchronous on purpose: these files are made by the kernel while they are read, and
 * a trip through the thread pool costs several times the read itself.
 *
 * The mark of a sandbox is RLIMIT_MSGQUEUE (bytes in POSIX message queues), set to a number of its
 * own. Resource limits survive fork, exec, setsid and `env -i`, lowering one needs no privilege, a
 * process cannot raise it again, and everybody may read it in /proc/PID/limits. So it finds a child
 * that double-forked, changed its session and cleared its environment. The hard limit is the
 * sandbox's number; the soft one is that less the number of the program (its `part`).
 */
export function createLinuxProcTable(): ProcTable {
  let marks = new Map<number, Known>();

  const scan = (): ProcScan => {
    const all = readAll();
    const now = uptime() * TICKS_PER_SECOND;
    const next: typeof marks = new Map();
    const byMark = new Map<number, Proc[]>();
    for (const proc of all.values()) {
      const before = marks.get(proc.pid);
      const known = before?.settled && before.startTime === proc.startTime ? before : undefined;
      const { mark, part } = known ?? readMark(proc.pid);
      const settled = known !== undefined || now - proc.startTime > SETTLED_SECONDS * TICKS_PER_SECOND;
      next.set(proc.pid, { startTime: proc.startTime, mark, part, settled });
      const same = byMark.get(mark);
      if (same) same.push(proc);
      else byMark.set(mark, [proc]);
    }
    marks = next;
    return {
      all,
      marks: new Set(byMark.keys()),
      marked({ number, part }: ProcMark) {
        const found = byMark.get(number) ?? [];
        return part === undefined ? found : found.filter(({ pid }) => next.get(pid)?.part === part);
      },
    };
  };

  return {
    scan,
    use: ({ pid }) => readUse(pid),
    isAlive,
    startTimeOf: (pid) => readProc(pid)?.startTime ?? null,
    carries(pid, { number }) {
      const { mark } = readMark(pid);
      return mark === UNREADABLE || readProc(pid)?.state === 'zombie' ? null : mark === number;
    },
    newest({ number, part }) {
      let last = newestPid();
      return () => {
        const now = newestPid();
        const began = now !== last;
        last = now;
        const members: number[] = [];
        for (let pid = now; pid > Math.max(1, now - NEWEST); pid -= 1) {
          const found = readMark(pid);
          const wanted = found.mark === number && (part === undefined || found.part === part);
          if (wanted && readProc(pid)?.state !== 'zombie') members.push(pid);
        }
        return { began, members };
      };
    },
  };
}

/** One process; null when it is gone. */
export function readProc(pid: number): Proc | null {
  const text = readSmall(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** Whether this very process (not a later one with its pid) still runs. */
export function isAlive(pid: number, startTime: number): boolean {
  const proc = readProc(pid);
  return proc !== null && proc.startTime === startTime && proc.state !== 'zombie';
}

/** Its pids, from this process's own pid namespace down to the innermost one that it is in; null when it is gone. */
export function namespacePids(pid: number): readonly number[] | null {
  const pids = /^NSpid:\s*(.*)$/m.exec(readSmall(`/proc/${pid}/status`) ?? '')?.[1];
  return pids === undefined ? null : pids.trim().split(/\s+/).map(Number);
}

/** How many of the newest pids a quick look covers: what began while the last look was taken. */
const NEWEST = 12;

/** The pid that was given out last: the fifth field of /proc/loadavg. */
function newestPid(): number {
  return Number(readSmall('/proc/loadavg')?.split(' ')[4]);
}

interface Known {
  readonly startTime: number;
  readonly mark: number;
  readonly part: number;
  readonly settled: boolean;
}

function readAll(): Map<number, Proc> {
  const all = new Map<number, Proc>();
  for (const name of readdirSync('/proc')) {
    const first = name.charCodeAt(0);
    if (first < 48 || first > 57) continue;
    const proc = readProc(Number(name));
    if (proc) all.set(proc.pid, proc);
  }
  return all;
}

/** Parses /proc/PID/stat, see proc(5). The name in parentheses may itself contain anything. */
export function parseStat(text: string): Proc | null {
  const end = text.lastIndexOf(')');
  const pid = Number.parseInt(text, 10);
  if (end < 0 || Number.isNaN(pid)) return null;
  const [state, ...rest] = text.slice(end + 2).split(' ');
  const field = (number: number) => Number(rest[number - 4]);
  return {
    pid,
    ppid: field(4),
    group: field(5),
    session: field(6),
    onTerminal: field(7) !== 0,
    state: state === 'Z' || state === 'X' ? 'zombie' : state === 'T' || state === 't' ? 'stopped' : 'alive',
    cpuNs: (field(14) + field(15) + field(16) + field(17)) * NS_PER_TICK,
    threads: field(20),
    startTime: field(22),
    residentBytes: field(24) * PAGE_SIZE,
  };
}

/** No sandbox has this mark: the process is gone, or not ours to look at. */
const UNREADABLE = -1;

function readMark(pid: number): Pick<Known, 'mark' | 'part'> {
  const limit = parseLimit(readSmall(`/proc/${pid}/limits`) ?? '', 'Max msgqueue size');
  return limit ? { mark: limit.hard, part: limit.hard - limit.soft } : { mark: UNREADABLE, part: 0 };
}

/** One row of /proc/PID/limits; `unlimited` is Infinity. */
export function parseLimit(text: string, name: string): { readonly soft: number; readonly hard: number } | null {
  const start = text.indexOf(name);
  if (start < 0) return null;
  const [soft, hard] = text
    .slice(start + name.length, start + name.length + 60)
    .trim()
    .split(/\s+/);
  const value = (word: string | undefined) => (word === 'unlimited' ? Number.POSITIVE_INFINITY : Number(word));
  return { soft: value(soft), hard: value(hard) };
}

/** The limit that this very process may hand on. */
export function ownLimit(name: string): { readonly soft: number; readonly hard: number } | null {
  return parseLimit(readSmall('/proc/self/limits') ?? '', name);
}

/**
 * Memory is what is resident without file and shared pages (statm: resident - shared), so that the
 * sum over a sandbox does not count one library's pages once for each process. Pages that are
 * still shared with the parent after a fork do count twice; only the slow smaps knows better.
 */
function readUse(pid: number): ProcUse {
  const [, resident, shared] = (readSmall(`/proc/${pid}/statm`) ?? '').split(' ').map(Number);
  const io = readSmall(`/proc/${pid}/io`) ?? '';
  const bytes = (name: string) => {
    const found = io.match(new RegExp(`^${name}: (\\d+)$`, 'm'));
    return found ? Number(found[1]) : null;
  };
  return {
    memoryBytes: resident === undefined || shared === undefined ? null : (resident - shared) * PAGE_SIZE,
    diskReadBytes: bytes('read_bytes'),
    diskWriteBytes: bytes('write_bytes'),
  };
}

const buffer = Buffer.alloc(4096);

/** The first 4 KiB of a file, or null when the process is gone or not ours to look at. */
function readSmall(path: string): string | null {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return null;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** From this process's own auxiliary vector (AT_PAGESZ is 6), as there is no call for it in Node. */
function pageSize(): number {
  const path = '/proc/self/auxv';
  try {
    const file = openSync(path, 'r');
    try {
      const vector = Buffer.alloc(4096);
      const length = readSync(file, vector);
      for (let at = 0; at + 16 <= length; at += 16) {
        if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8));
      }
    } finally {
      closeSync(file);
    }
  } catch {
    // Not Linux: this table is then never asked.
  }
  return 4096;
}
