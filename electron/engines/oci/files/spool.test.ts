import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { spool } from './spool.ts';

const MIB = 1024 * 1024;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'terrarium-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Counts what was taken. */
function endless() {
  let taken = 0;
  const bytes = (async function* () {
    for (;;) {
      taken += MIB;
      yield Buffer.alloc(MIB, 'x');
    }
  })();
  return { bytes, taken: () => taken };
}

it('leaves at least as much of the disk free as it takes', async (context) => {
  if (process.getuid?.() !== 0) context.skip('only root can mount a small disk');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'none', folder]);
  try {
    const tooMuch = { code: 'limit_exceeded', message: expect.stringContaining('half of this machine’s free') };
    const known = endless();
    await expect(spool(known.bytes, { path: '/big', size: 65 * MIB, folder })).rejects.toMatchObject(tooMuch);
    expect(known.taken()).toBe(0);
    const unknown = endless();
    await expect(spool(unknown.bytes, { path: '/big', folder })).rejects.toMatchObject(tooMuch);
    expect(unknown.taken()).toBeLessThanOrEqual(80 * MIB);
    expect(readdirSync(folder)).toEqual([]);
    // It has given back what it took.
    const small = (async function* () {
      yield Buffer.from('small');
    })();
    await using kept = await spool(small, { path: '/small', size: 60 * MIB, folder });
    expect(Buffer.concat(await Array.fromAsync(kept.read())).toString()).toBe('small');
  } finally {
    execFileSync('umount', [folder]);
  }
});

it('says what could not be copied by its path inside', async () => {
  const options = { path: '/data', folder: join(folder, 'gone') };
  await expect(spool(endless().bytes, options)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.not.stringContaining(folder),
    details: { path: 'the copy of /data' },
  });
});
