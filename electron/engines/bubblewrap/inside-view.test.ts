import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFolder, findProgramInside, follow, type InsideView, viewOfPlan } from './inside-view.ts';

describe('a program that is looked for inside', () => {
  let root: string;
  let view: InsideView;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'terrarium-view-'));
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    mkdirSync(join(root, 'work'));
    for (const name of ['usr/bin/tool', 'work/own']) writeFileSync(join(root, name), '', { mode: 0o755 });
    writeFileSync(join(root, 'usr/bin/data'), '', { mode: 0o644 });
    chmodSync(join(root, 'usr/bin/tool'), 0o755);
    symlinkSync('/usr/bin/tool', join(root, 'usr/bin/absolute'));
    symlinkSync('../../../../usr/bin/tool', join(root, 'usr/bin/climbing'));
    symlinkSync('circle', join(root, 'usr/bin/circle'));
    symlinkSync('/etc/hostname', join(root, 'work/outside'));
    view = viewOfPlan([
      { type: 'bind', source: join(root, 'usr'), path: '/usr', readOnly: true },
      { type: 'link', target: 'usr/bin', path: '/bin' },
      { type: 'memory', path: '/tmp', mode: '1777' },
      { type: 'bind', source: join(root, 'work'), path: '/workspace', readOnly: false },
    ]);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const find = (name: string) => findProgramInside(view, name, '/nothing:/bin', '/workspace');

  it.each([
    ['tool', '/bin/tool'],
    ['absolute', '/bin/absolute'],
    ['climbing', '/bin/climbing'],
    ['./own', '/workspace/own'],
    ['/usr/bin/../bin/tool', '/usr/bin/tool'],
  ])('is found: %s', (name, path) => expect(find(name)).toBe(path));

  it.each(['own', './missing', 'circle', './outside', '/tmp/tool', '/usr/bin', 'data'])('is refused: %s', (name) => {
    expect(() => find(name)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it('is looked for where links lead inside, never on this machine', () => {
    expect(follow(view, '/workspace/outside')).toBeNull();
    expect(follow(view, '/bin/absolute')?.path).toBe('/usr/bin/tool');
  });

  it('starts in a folder that is there', () => {
    for (const folder of ['/', '/tmp', '/workspace', '/bin']) expect(() => checkFolder(view, folder)).not.toThrow();
    for (const folder of ['/missing', '/workspace/own']) {
      expect(() => checkFolder(view, folder)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    }
  });
});
