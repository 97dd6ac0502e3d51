import { describe, expect, it } from 'vitest';
import { listProcesses, type ProcessInfo, parseStat, withDescendants } from './processes.ts';

const tailFields = '0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 98765 0 0';

describe('a line of /proc/PID/stat', () => {
  it('is read although the name holds spaces and parentheses', () => {
    expect(parseStat(`42 (a) (b c) S 7 8 9 ${tailFields}`)).toEqual({
      pid: 42,
      ppid: 7,
      group: 8,
      session: 9,
      started: '98765',
      command: '[a) (b c]',
    });
  });

  it('of a zombie is no process that runs', () => {
    expect(parseStat(`42 (sleep) Z 7 8 9 ${tailFields}`)).toBeNull();
  });

  it('of a process that is gone is nothing', () => {
    expect(parseStat('')).toBeNull();
  });
});

it('the list holds this process, below its parent', async () => {
  const self = (await listProcesses()).find((info) => info.pid === process.pid);
  expect(self?.ppid).toBe(process.ppid);
});

it('descendants are found at any depth, and only they', () => {
  const make = (pid: number, ppid: number): ProcessInfo => ({
    pid,
    ppid,
    group: 1,
    session: 1,
    started: '1',
    command: 'x',
  });
  const all = [make(30, 20), make(10, 1), make(20, 10), make(11, 1), make(40, 30)];
  expect(withDescendants(all, 10).map((info) => info.pid)).toEqual([10, 20, 30, 40]);
});
