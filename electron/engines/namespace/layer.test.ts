import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeTree } from '../../lib/remove-tree.ts';
import { ordinaryUsers } from '../local/ordinary-user.ts';
import { describeLayers } from './layer-suite.ts';
import { createKept, keptSpec } from './layer-support.ts';
import { createTestEngine, describeNamespace } from './test-support.ts';

const ONLY_ROOT = 'only root can mount a file system';
const isRoot = process.getuid?.() === 0;
await describeLayers(isRoot ? 'root' : 'an ordinary user');

/** A file system of a few bytes, which only root can mount. */
function mountSmall(path: string, options: string): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'small', path]);
  return { [Symbol.dispose]: () => void execFileSync('umount', [path]) };
}

await describeNamespace('namespace: writes kept apart on other file systems', () => {
  it('loses nothing when the disk is full midway, and goes on when there is room', async (context) => {
    if (!isRoot) context.skip(ONLY_ROOT);
    const folder = mkdtempSync(join(tmpdir(), 'terrarium-small-'));
    {
      using _small = mountSmall(folder, 'size=1m');
      await using kept = await createKept('head -c 300k /dev/zero >ballast; echo one >b', { folder });
      await kept.say('for name in a b c d; do head -c 300k /dev/urandom >$name; done; md5sum a b c d >sums');
      const sums = await kept.say('cat sums');
      await kept.stop();
      const { applied, failed, failures } = await kept.apply();
      expect(failed).toBeGreaterThan(0);
      expect(failures.every(({ message }) => /the disk is full|larger than what is free/.test(message))).toBe(true);
      expect(applied + failed).toBe(5);
      expect((await kept.list()).length).toBe(failed);
      expect(kept.outside('ls -A | grep -c terrarium || true')).toBe('0');
      kept.outside('rm ballast');
      execFileSync('mount', ['-o', 'remount,size=4m', folder]);
      expect((await kept.apply()).failed).toBe(0);
      expect(await kept.list()).toEqual([]);
      expect(kept.outside('md5sum a b c d')).toBe(sums);
    }
    await removeTree(folder);
  });

  it('is refused for a folder of another group’s, whose files the kernel would not copy', async (context) => {
    if (!isRoot) context.skip('only root can give a folder away');
    await using kept = await createKept('true');
    chownSync(kept.folder, 0, ordinaryUsers.layer);
    await expect(kept.test.create(keptSpec(kept.folder))).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('another user or group'),
    });
  });

  it('is refused for a folder in which something else is mounted', async (context) => {
    if (!isRoot) context.skip(ONLY_ROOT);
    await using test = await createTestEngine();
    await using kept = await createKept('true');
    const inner = join(kept.folder, 'in ner');
    mkdirSync(inner);
    using _small = mountSmall(inner, 'size=64k');
    await expect(test.create(keptSpec(kept.folder))).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(`at ${inner}`),
    });
  });
});
