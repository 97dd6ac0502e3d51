import { execFileSync } from 'node:child_process';
import type { Proc, ProcScan, ProcTable } from './proc.ts';

/** `-E` adds the environment to the command, for processes of the same user. */
const ARGUMENTS = ['-axwwE', '-o', 'pid=,ppid=,pgid=,stat=,tty=,time=,rss=,lstart=,command='];

/**
 * Reads `ps`. macOS has neither /proc nor readable resource limits, so a sandbox's processes are
 * found by an environment variable, and by descent. A program that clears its environment and
 * leaves its parents gets away; the engine's capabilities say so.
 *
 * Written from captured output and tested on that only: no Mac was at hand.
 */
export function createDarwinProcTable(): ProcTable {
  const read = () => parsePs(execFileSync('/bin/ps', ARGUMENTS, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
  const find = (pid: number) => read().find((proc) => proc.pid === pid);
  return {
    scan(): ProcScan {
      const rows = read();
      return {
        all: new Map(rows.map((proc) => [proc.pid, proc])),
        marks: new Set(),
        marked: ({ id, part }) => rows.filter(({ command }) => hasMark(command, id, part)),
      };
    },
    use: ({ residentBytes }) => ({ memoryBytes: residentBytes, diskReadBytes: null, diskWriteBytes: null }),
    isAlive(pid, startTime) {
      const proc = find(pid);
      return proc !== undefined && proc.startTime === startTime && proc.state !== 'zombie';
    },
    startTimeOf: (pid) => find(pid)?.startTime ?? null,
    // The mark is in the environment, which is there from the start.
    carries: () => true,
    // A `ps` takes longer than such a process lives.
    newest: () => () => ({ began: false, members: [] }),
  };
}

function hasMark(command: string, id: string, part: number | undefined): boolean {
  const words = command.split(' ');
  return (
    words.includes(`TERRARIUM_SANDBOX_ID=${id}`) && (part === undefined || words.includes(`TERRARIUM_PROGRAM=${part}`))
  );
}

interface PsRow extends Proc {
  readonly command: string;
}

const ROW =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(?:(\d+):)?(\d+):(\d+)(?:[.,](\d+))?\s+(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/;

/** `lstart` has whole seconds in the local time zone; `rss` is in KiB. A session is not shown, its group is. */
export function parsePs(text: string): readonly PsRow[] {
  return text.split('\n').flatMap((line) => {
    const found = ROW.exec(line);
    if (!found) return [];
    const [, pid, ppid, pgid, stat = '', tty, hours, minutes, seconds, hundredths, rss, started = '', command = ''] =
      found;
    const cpuSeconds = Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(`${seconds}.${hundredths ?? 0}`);
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        session: Number(pgid),
        group: Number(pgid),
        startTime: Date.parse(started),
        onTerminal: tty !== '??',
        state: stat.startsWith('Z') ? 'zombie' : stat.startsWith('T') ? 'stopped' : 'alive',
        threads: 1,
        cpuNs: Math.round(cpuSeconds * 1e9),
        residentBytes: Number(rss) * 1024,
        command,
      },
    ];
  });
}
