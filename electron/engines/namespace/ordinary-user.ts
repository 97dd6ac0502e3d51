import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** For tests: in no password file. One for each file of tests, as they run side by side. */
export const ordinaryUsers = { bare: 61_241, isolation: 61_243 } as const;

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
