import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errnoOf } from './guest-error.ts';
import { createGuestFiles, type GuestFiles } from './guest-files.ts';

describe('the files of a guest', () => {
  let folder = '';
  let inside = '';
  let outside = '';
  let files: GuestFiles;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'terrarium-files-')));
    inside = join(folder, 'inside');
    outside = join(folder, 'outside');
    mkdirSync(join(inside, 'folder'), { recursive: true });
    mkdirSync(outside);
    writeFileSync(join(inside, 'folder', 'name'), 'own');
    writeFileSync(join(outside, 'name'), 'secret');
    files = createGuestFiles([
      { path: '/workspace', host: inside, readOnly: false },
      { path: '/data/shown', host: outside, readOnly: true },
    ]);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (path: string, follow = true, floor = '/') => files.resolve('/workspace', path, { follow, floor });
  const read = (place: ReturnType<typeof at>) => {
    const file = files.open(place, { read: true, write: false });
    try {
      const bytes = Buffer.alloc(100);
      return bytes.subarray(0, file.read(bytes, 0)).toString();
    } finally {
      file.close();
    }
  };
  const errno = (work: () => unknown) => {
    try {
      return `it gave ${JSON.stringify(work())}`;
    } catch (error) {
      return errnoOf(error);
    }
  };

  it('are found by every way that stays inside', () => {
    symlinkSync('folder', join(inside, 'link'));
    symlinkSync('/workspace/folder/name', join(inside, 'absolute'));
    for (const path of [
      'folder/name',
      './folder//name',
      '/workspace/folder/../folder/name',
      'link/name',
      'absolute',
      '../workspace/folder/name',
    ]) {
      expect(read(at(path))).toBe('own');
    }
    expect(files.list(at('/')).map(({ name }) => name)).toEqual(['workspace', 'data']);
    expect(files.list(at('/data')).map(({ name }) => name)).toEqual(['shown']);
  });

  it.each(['../../outside/name', '/etc/passwd', 'up/outside/name', 'etc/passwd', 'secret', 'folder/name/x', 'round'])(
    'are not left by %s',
    (path) => {
      symlinkSync('../..', join(inside, 'up'));
      symlinkSync('/etc', join(inside, 'etc'));
      symlinkSync(join(outside, 'name'), join(inside, 'secret'));
      symlinkSync('round', join(inside, 'round'));
      expect(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR']).toContain(errno(() => read(at(path))));
    },
  );

  it('are not left beneath the folder that a path begins in', () => {
    symlinkSync('/workspace/folder/name', join(inside, 'absolute'));
    const within = (path: string) =>
      errno(() => files.resolve('/workspace/folder', path, { follow: true, floor: '/workspace/folder' }));
    for (const path of ['..', '../folder/name', 'x/../../absolute', '/workspace/folder/name']) {
      expect(['ENOTCAPABLE', 'ENOENT']).toContain(within(path));
    }
  });

  // Between the look and the deed somebody else may exchange what was looked at.
  it.skipIf(process.platform !== 'linux')('are not left by a folder that becomes a link meanwhile', () => {
    const name = at('folder/name');
    const fresh = at('folder/fresh');
    const itself = at('folder');
    renameSync(join(inside, 'folder'), join(inside, 'moved'));
    symlinkSync(outside, join(inside, 'folder'));
    const before = readdirSync(outside);
    const attempts = [
      () => read(name),
      () => files.open(name, { read: false, write: true, truncate: true }),
      () => files.open(fresh, { read: false, write: true, create: true }),
      () => files.makeFolder(fresh),
      () => files.remove(name),
      () => files.move(name, at('taken')),
      () => files.setTimes(name, 0, 0),
      () => files.list(itself),
    ];
    for (const attempt of attempts) expect(['EACCES', 'ELOOP', 'ENOTDIR']).toContain(errno(attempt));
    expect(readdirSync(outside)).toEqual(before);
    expect(readFileSync(join(outside, 'name'), 'utf8')).toBe('secret');
  });

  it('are only read where they are only shown', () => {
    const name = () => at('/data/shown/name');
    expect(read(name())).toBe('secret');
    const attempts = [
      () => files.open(name(), { read: true, write: true }),
      () => files.open(at('/data/shown/new'), { read: false, write: true, create: true }),
      () => files.makeFolder(at('/data/shown/new')),
      () => files.remove(name()),
      () => files.move(name(), at('/data/shown/other')),
      () => files.setTimes(name(), 0, 0),
    ];
    for (const attempt of attempts) expect(errno(attempt)).toBe('EROFS');
    expect(errno(() => files.move(at('folder/name'), name()))).toBe('EROFS');
    expect(errno(() => files.removeFolder(at('/workspace')))).toBe('EBUSY');
  });

  it('are files and folders only, and not many at once', () => {
    execFileSync('mkfifo', [join(inside, 'pipe')]);
    expect(errno(() => read(at('pipe')))).toBe('EACCES');
    const open = Array.from({ length: 512 }, () => files.open(at('folder/name'), { read: true, write: false }));
    expect(errno(() => read(at('folder/name')))).toBe('EMFILE');
    for (const file of open) file.close();
    expect(read(at('folder/name'))).toBe('own');
    expect(existsSync(join(inside, 'pipe'))).toBe(true);
  });
});
