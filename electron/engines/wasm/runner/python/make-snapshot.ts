import { writeFileSync } from 'node:fs';
import type { Guest } from '../run-wasi.ts';
import { ownTerminalSize, sleep } from '../standard-streams.ts';
import { createPythonRealm } from './realm.ts';

export async function makeSnapshot(guest: Guest): Promise<number> {
  const { takeSnapshot } = await createPythonRealm(guest, {
    terminal: false,
    sleep,
    terminalSize: ownTerminalSize,
    makeSnapshot: true,
  });
  writeFileSync(guest.job.account ?? '', takeSnapshot());
  return 0;
}
