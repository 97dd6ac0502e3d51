import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { listProcesses, signalPid } from '../lib/processes.ts';
import { type Fence, raiseFence } from './fence.ts';
import { endLeftProcesses } from './leftovers.ts';
import { runTestCommand } from './run-command.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface ShellOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly fence?: Fence;
}

const noFence = { pids: () => new Set<number>() };

const shell = (script: string, options: ShellOptions = {}) =>
  runTestCommand({
    argv: options.fence?.enclose(['sh', '-c', script]) ?? ['sh', '-c', script],
    env: { PATH: process.env.PATH, FOLDER: folder },
    timeoutMs: options.timeoutMs ?? 20_000,
    signal: options.signal ?? new AbortController().signal,
  });

const pidIn = (name: string) => Number(readFileSync(join(folder, name), 'utf8'));
const isRunning = async (pid: number) => (await listProcesses()).some((info) => info.pid === pid);

describe('a command', () => {
  it('that ends well has no problem', async () => {
    expect((await shell('exit 0')).problem).toBeNull();
  });

  it('that fails, is killed or does not exist says so', async () => {
    expect((await shell('exit 3')).problem).toBe('exit code 3');
    expect((await shell('kill -9 $$')).problem).toBe('ended by SIGKILL');
    const options = { env: {}, timeoutMs: 20_000, signal: new AbortController().signal };
    expect((await runTestCommand({ ...options, argv: [join(folder, 'nothing')] })).problem).not.toBeNull();
  });

  it('that takes too long is ended with all in its group', async () => {
    const end = await shell('sleep 60 & echo $! > $FOLDER/child; wait', { timeoutMs: 300 });
    expect(end.problem).toContain('did not end within');
    await vi.waitFor(async () => expect(await isRunning(pidIn('child'))).toBe(false), 10_000);
  });

  it('is ended when it is interrupted', async () => {
    const abort = new AbortController();
    const running = shell('echo $$ > $FOLDER/pid; exec sleep 60', { signal: abort.signal });
    await vi.waitFor(() => expect(existsSync(join(folder, 'pid'))).toBe(true), 10_000);
    abort.abort();
    expect((await running).problem).toBe('interrupted');
  });
});

describe('what a command leaves running', () => {
  it('is found and ended, also when it went into a session of its own', async () => {
    const end = await shell('setsid sleep 60 & sleep 61 & sleep 0');
    const sessions = new Set(end.session === null ? [] : [end.session]);
    const left = await endLeftProcesses({ folder, sessions, fence: noFence }, 500);
    expect(left.map((text) => text.replace(/^pid \d+: /, '')).sort()).toEqual(['sleep 60', 'sleep 61']);
    expect(await endLeftProcesses({ folder, sessions, fence: noFence })).toEqual([]);
  });

  it('is found although nothing about it tells where it comes from', async ({ skip }) => {
    const fence = raiseFence(`fence-test-${process.pid}`);
    onTestFinished(fence.remove);
    skip(fence.enclose(['x']).length === 1, 'a cgroup can be made here only by root, and without systemd');
    await shell('cd / && exec env -i setsid sh -c "sleep 62 & sleep 0"', { fence });
    const left = await endLeftProcesses({ folder, sessions: new Set(), fence }, 500);
    expect(left).toEqual([expect.stringContaining('sleep 62')]);
  });

  it('does not include what others run', async () => {
    const end = await shell('exit 0');
    expect(await endLeftProcesses({ folder, sessions: new Set([end.session ?? 0]), fence: noFence })).toEqual([]);
    expect(signalPid(process.pid, 'SIGCONT')).toBe(true);
  });
});
