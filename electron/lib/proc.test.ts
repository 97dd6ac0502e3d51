import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { descendants, killAll, membersOf, type Proc } from './proc.ts';
import { parsePs } from './proc-darwin.ts';
import { createLinuxProcTable, isAlive, namespacePids, parseLimit, parseStat, readProc } from './proc-linux.ts';

it('reads a stat line whose name contains blanks and parentheses', () => {
  const line =
    '4242 (a) b (c)) S 17 4242 99 34816 4242 4194304 500 0 0 0 12 3 4 1 20 0 7 0 123456 8000000 250 18446744073709551615';
  expect(parseStat(line)).toMatchObject({
    pid: 4242,
    ppid: 17,
    group: 4242,
    session: 99,
    onTerminal: true,
    state: 'alive',
    cpuNs: 200_000_000,
    threads: 7,
    startTime: 123_456,
  });
});

it.each([
  ['Z', 'zombie'],
  ['X', 'zombie'],
  ['T', 'stopped'],
  ['D', 'alive'],
  ['R', 'alive'],
])('takes the state %s for %s', (letter, state) => {
  expect(parseStat(`1 (x) ${letter} 0 0 0 0`)?.state).toBe(state);
});

it.runIf(process.platform === 'linux')('knows a process by its pid and its start', async () => {
  const child = spawn('sleep', ['1000']);
  const pid = child.pid ?? 0;
  const { startTime = 0, ppid } = readProc(pid) ?? {};
  expect(ppid).toBe(process.pid);
  expect([isAlive(pid, startTime), isAlive(pid, startTime + 1)]).toEqual([true, false]);
  expect(namespacePids(pid)?.[0]).toBe(pid);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect([readProc(pid), isAlive(pid, startTime), namespacePids(pid)]).toEqual([null, false, null]);
});

it('reads limits', () => {
  const text = `Limit                     Soft Limit           Hard Limit           Units
Max open files            1024                 20000                files
Max msgqueue size         500000               500001               bytes
Max realtime timeout      unlimited            unlimited            us        `;
  expect(parseLimit(text, 'Max msgqueue size')).toEqual({ soft: 500_000, hard: 500_001 });
  expect(parseLimit(text, 'Max realtime timeout')?.hard).toBe(Number.POSITIVE_INFINITY);
  expect(parseLimit('', 'Max msgqueue size')).toBeNull();
});

it('reads what ps prints on macOS', () => {
  const text = `
    1     0     1 Ss   ??         0:12.34  12345 Mon Nov  9 09:15:01 2026     /sbin/launchd
  501   480   501 S+   ttys003  1:02:03.50   2048 Sat Nov 21 22:00:00 2026     sleep 100 PATH=/bin TERRARIUM_SANDBOX_ID=sbx_1 HOME=/x
  502   501   501 Z    ??         0:00.00      0 Sat Nov 21 22:00:01 2026     (sleep)
`;
  const [launchd, sleep, zombie] = parsePs(text);
  expect(launchd).toMatchObject({ pid: 1, ppid: 0, cpuNs: 12_340_000_000, onTerminal: false, state: 'alive' });
  expect(sleep).toMatchObject({ pid: 501, session: 501, group: 501, cpuNs: 3_723_500_000_000, onTerminal: true });
  expect(sleep?.residentBytes).toBe(2048 * 1024);
  expect(sleep?.command).toContain('TERRARIUM_SANDBOX_ID=sbx_1');
  expect(zombie?.state).toBe('zombie');
});

it('finds descendants, without the dead', () => {
  const proc = (pid: number, ppid: number, state: Proc['state'] = 'alive'): Proc => ({
    pid,
    ppid,
    state,
    group: 0,
    session: 0,
    startTime: 0,
    onTerminal: false,
    threads: 1,
    cpuNs: 0,
    residentBytes: 0,
  });
  const all = new Map([proc(2, 1), proc(3, 2, 'zombie'), proc(4, 3), proc(5, 1)].map((each) => [each.pid, each]));
  const scan = { all, marks: new Set<number>(), marked: () => [] };
  expect(descendants(scan, [2]).map(({ pid }) => pid)).toEqual([2, 4]);
});

it('finds marked processes, and kills them', async () => {
  const table = createLinuxProcTable();
  const mark = { number: 345_678, id: 'sbx_1' };
  const script = 'env -i sleep 1000 & wait';
  const child = spawn('prlimit', ['--msgqueue=345678:345678', '--', 'sh', '-c', script], { stdio: 'ignore' });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  await expect.poll(() => membersOf(table.scan(), mark).length).toBe(2);
  expect(table.scan().marks).toContain(345_678);
  const [first] = membersOf(table.scan(), mark);
  expect(table.isAlive(first?.pid ?? 0, first?.startTime ?? 0)).toBe(true);
  expect(table.isAlive(first?.pid ?? 0, 1)).toBe(false);
  expect(await killAll(table, mark, () => membersOf(table.scan(), mark))).toBe(true);
  expect(membersOf(table.scan(), mark)).toEqual([]);
  expect(await exited).toEqual([null, 'SIGKILL']);
});
