import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parseCgroupMounts } from '../../lib/cgroup.ts';

/** For tests: in no password file. One for each file of tests, as they run side by side. */
export const ordinaryUsers = {
  bare: 61_241,
  delegated: 61_242,
  isolation: 61_243,
  gvisor: 61_247,
  layer: 61_248,
  wasm: 61_249,
} as const;

/** Makes this very process (a test file's own) an ordinary user's, for good. Does nothing when it is one already. */
export function becomeOrdinaryUser(uid: number): void {
  if (process.getuid?.() !== 0) return;
  const home = mkdtempSync(join(tmpdir(), 'terrarium-user-home-'));
  chownSync(home, uid, uid);
  process.setgroups?.([uid]);
  process.setgid?.(uid);
  process.setuid?.(uid);
  process.env.HOME = home;
  afterAll(() => rmSync(home, { recursive: true, force: true }));
}

/** What an administrator does once so that a user's sandboxes have cgroups on v1. False where that is not the way. */
export function delegateCgroups(uid: number): boolean {
  if (process.getuid?.() !== 0) return false;
  const { v1 } = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const wanted = ['memory', 'cpu', 'cpuacct', 'pids', 'freezer'].flatMap((controller) => v1.get(controller) ?? []);
  for (const { path } of wanted) {
    const folder = join(path, `terrarium-${uid}`);
    mkdirSync(folder, { recursive: true });
    for (const each of [folder, join(folder, 'cgroup.procs'), join(folder, 'tasks')]) chownSync(each, uid, uid);
  }
  return wanted.length > 0;
}
