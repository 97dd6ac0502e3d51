import { expect, it } from 'vitest';
import type { FileEntry, WatchItem } from '../../../shared/contract/files.ts';
import { AppError } from '../../../shared/model/error.ts';
import { draftName } from '../../lib/files/draft-name.ts';
import { WATCHED_MAX, watchFolder } from './watch.ts';

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  name,
  type: 'file',
  size: 1,
  mode: 0o644,
  modifiedAt: 1,
  target: null,
  ...more,
});

/** A fake of what an engine lists: folders by their path. Counts the looks at the watched one. */
function fakeFolders(first: Readonly<Record<string, readonly FileEntry[]>>) {
  let folders = first;
  let looks = 0;
  const stop = new AbortController();
  async function* list(path: string) {
    if (path === 'top') looks += 1;
    const found = folders[path];
    if (!found) throw new AppError('not_found', `There is no ${path}.`);
    yield found;
  }
  const watch = watchFolder({ list, path: 'top', recursive: true, signal: stop.signal, pauseMs: 1 });
  return {
    watch,
    stop,
    looks: () => looks,
    become(next: Readonly<Record<string, readonly FileEntry[]>>) {
      folders = next;
    },
    async next(): Promise<WatchItem | undefined> {
      const { value } = await watch.next();
      return value ?? undefined;
    },
  };
}

const told = (item: WatchItem | undefined) =>
  item?.type === 'changes' ? item.changes.map(({ type, path }) => `${type} ${path}`) : item?.type;

it('looks only when it is asked, so that who is slow is told what there is and not what there was', async () => {
  const fake = fakeFolders({ top: [entry('a'), entry('b')] });
  expect(told(await fake.next())).toBe('ready');
  expect(fake.looks()).toBe(1);
  for (let round = 0; round < 1000; round += 1) fake.become({ top: [entry('a', { size: round }), entry('c')] });
  await new Promise((resolve) => setImmediate(resolve));
  expect(fake.looks()).toBe(1);
  expect(told(await fake.next())).toEqual(['removed b', 'changed a', 'created c']);
  expect(fake.looks()).toBe(2);
});

it('tells of many changes in pieces', async () => {
  const fake = fakeFolders({ top: [] });
  await fake.next();
  fake.become({ top: Array.from({ length: 1200 }, (_, index) => entry(`${index}`)) });
  const pieces = [await fake.next(), await fake.next(), await fake.next()].map((item) => told(item)?.length);
  expect(pieces).toEqual([500, 500, 200]);
});

it('says nothing of a folder that it could not look into, until it can or the folder is gone', async () => {
  const folder = entry('sub', { type: 'directory' });
  const fake = fakeFolders({ top: [folder], 'top/sub': [entry('x')] });
  await fake.next();
  fake.become({ top: [folder, entry('new')] });
  expect(told(await fake.next())).toEqual(['created new']);
  fake.become({ top: [entry('new')] });
  expect(told(await fake.next())).toEqual(['removed sub/x', 'removed sub']);
});

it('takes no folder for changed by what is in it', async () => {
  const fake = fakeFolders({ top: [entry('sub', { type: 'directory' })], 'top/sub': [] });
  await fake.next();
  fake.become({ top: [entry('sub', { type: 'directory', modifiedAt: 2, size: 9 })], 'top/sub': [entry('x')] });
  expect(told(await fake.next())).toEqual(['created sub/x']);
});

it('tells of a write within the same second; one who knows whole seconds only, or links, has seen no change', async () => {
  const link = (target: string | null) => entry('link', { type: 'symlink', target });
  const fake = fakeFolders({ top: [entry('a', { modifiedAt: 5100 }), link(null)] });
  await fake.next();
  fake.become({ top: [entry('a', { modifiedAt: 5850 }), link(null)] });
  expect(told(await fake.next())).toEqual(['changed a']);
  const next = fake.next();
  fake.become({ top: [entry('a', { modifiedAt: 5000 }), link('one')] });
  await expect.poll(fake.looks).toBeGreaterThan(3);
  fake.become({ top: [entry('a', { modifiedAt: 6000 }), link('other')] });
  expect(told(await next)).toEqual(['changed a', 'changed link']);
});

it('leaves out the drafts of writes that go on', async () => {
  const fake = fakeFolders({ top: [] });
  await fake.next();
  const draft = draftName().toString();
  fake.become({ top: [entry(draft), entry(`${draft}x`)] });
  expect(told(await fake.next())).toEqual([`created ${draft}x`]);
  fake.become({ top: [entry('done')] });
  expect(told(await fake.next())).toEqual([`removed ${draft}x`, 'created done']);
});

it('fails when there is too much, in entries or in characters, and when the folder is gone', async () => {
  const many = fakeFolders({ top: Array.from({ length: WATCHED_MAX + 1 }, (_, index) => entry(`${index}`)) });
  await expect(many.next()).rejects.toMatchObject({ code: 'limit_exceeded' });
  const long = fakeFolders({ top: Array.from({ length: 5000 }, (_, index) => entry(`${index}`.padStart(1000, 'x'))) });
  await expect(long.next()).rejects.toMatchObject({ code: 'limit_exceeded' });
  const gone = fakeFolders({ top: [] });
  await gone.next();
  gone.become({});
  await expect(gone.next()).rejects.toMatchObject({ code: 'not_found' });
});

it('ends with its signal', async () => {
  const fake = fakeFolders({ top: [] });
  await fake.next();
  const next = fake.next();
  fake.stop.abort();
  expect(await next).toBeUndefined();
});
