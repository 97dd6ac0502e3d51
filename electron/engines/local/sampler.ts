import type { Counters } from '../../../shared/model/sample.ts';
import { membersOf, type Proc, type ProcMark, type ProcScan, type ProcTable, type ProcUse } from '../../lib/proc.ts';

interface Seen {
  readonly proc: Proc;
  readonly use: ProcUse;
}

/** What is remembered of one sandbox between two samples. */
interface Account {
  /** New with every start, and so are the counters. */
  readonly mark: number;
  members: ReadonlyMap<number, Seen>;
  /** Totals of processes that are gone and whose parent was not there to take them over. */
  departed: Totals;
  last: Totals;
}

interface Totals {
  readonly cpuNs: number;
  readonly readBytes: number;
  readonly writeBytes: number;
}

const nothing: Totals = { cpuNs: 0, readBytes: 0, writeBytes: 0 };

export interface Sampler {
  readonly sample: (targets: ReadonlyMap<string, ProcMark>) => ReadonlyMap<string, Counters>;
  readonly forget: (ref: string) => void;
}

/**
 * Adds up what a sandbox's processes use, as counters that never fall. When a process ends, the
 * kernel adds its CPU time and I/O to the parent that waits for it, so its own numbers may go; when
 * that parent is not in the sandbox (the host, or init for an orphan), its last numbers are kept
 * here. What begins and ends between two samples under such a parent is not seen.
 */
export function createSampler(table: ProcTable): Sampler {
  const accounts = new Map<string, Account>();

  const take = (scan: ProcScan, mark: ProcMark, account: Account, at: number): Counters => {
    const live = membersOf(scan, mark);
    // A zombie still has its times, and its parent does not have them yet.
    const zombies = scan.marked(mark).filter(({ state }) => state === 'zombie');
    const before = account.members;
    const members = new Map<number, Seen>();
    for (const proc of [...live, ...zombies]) {
      const known = before.get(proc.pid);
      const sameAsBefore = known?.proc.startTime === proc.startTime ? known.use : null;
      members.set(proc.pid, { proc, use: merge(table.use(proc), sameAsBefore) });
    }

    account.departed = [...before.values()]
      .filter(({ proc }) => members.get(proc.pid)?.proc.startTime !== proc.startTime)
      .filter(({ proc }) => !hasHeir(proc, before, members))
      .reduce(add, account.departed);
    account.members = members;
    const total = [...members.values()].reduce(add, account.departed);
    account.last = {
      cpuNs: Math.max(account.last.cpuNs, total.cpuNs),
      readBytes: Math.max(account.last.readBytes, total.readBytes),
      writeBytes: Math.max(account.last.writeBytes, total.writeBytes),
    };
    const measuresDisk = live.length === 0 || [...members.values()].some(({ use }) => use.diskReadBytes !== null);
    return {
      at,
      cpuNs: account.last.cpuNs,
      memoryBytes: live.reduce((sum, { pid }) => sum + (members.get(pid)?.use.memoryBytes ?? 0), 0),
      memoryLimitBytes: null,
      pids: live.length,
      diskReadBytes: measuresDisk ? account.last.readBytes : null,
      diskWriteBytes: measuresDisk ? account.last.writeBytes : null,
      networkRxBytes: null,
      networkTxBytes: null,
    };
  };

  return {
    sample(targets) {
      const scan = table.scan();
      const at = Date.now();
      const counters = new Map<string, Counters>();
      for (const [ref, mark] of targets) {
        const before = accounts.get(ref);
        const fresh: Account = { mark: mark.number, members: new Map(), departed: nothing, last: nothing };
        const account = before?.mark === mark.number ? before : fresh;
        accounts.set(ref, account);
        counters.set(ref, take(scan, mark, account, at));
      }
      return counters;
    },
    forget: (ref) => void accounts.delete(ref),
  };
}

/** Whether the nearest ancestor that still lives is in the sandbox: then it has taken the numbers over. */
function hasHeir(proc: Proc, before: ReadonlyMap<number, Seen>, now: ReadonlyMap<number, Seen>): boolean {
  for (let parent = before.get(proc.ppid); parent; parent = before.get(parent.proc.ppid)) {
    if (now.get(parent.proc.pid)?.proc.startTime === parent.proc.startTime) return true;
  }
  return false;
}

/** What cannot be read any more (of a zombie) is what it was. */
function merge(use: ProcUse, before: ProcUse | null): ProcUse {
  return {
    memoryBytes: use.memoryBytes,
    diskReadBytes: use.diskReadBytes ?? before?.diskReadBytes ?? null,
    diskWriteBytes: use.diskWriteBytes ?? before?.diskWriteBytes ?? null,
  };
}

function add(total: Totals, { proc, use }: Seen): Totals {
  return {
    cpuNs: total.cpuNs + proc.cpuNs,
    readBytes: total.readBytes + (use.diskReadBytes ?? 0),
    writeBytes: total.writeBytes + (use.diskWriteBytes ?? 0),
  };
}
