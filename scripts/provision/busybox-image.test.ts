import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { expect, it } from 'vitest';
import { rootFileSystem } from './busybox-image.ts';

async function entriesOf(tar: Buffer): Promise<ReadonlyMap<string, Header>> {
  const entries = new Map<string, Header>();
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    entries.set(header.name.replace(/\/$/, ''), header);
    stream.on('end', next).resume();
  });
  await pipeline(Readable.from([tar]), reader);
  return entries;
}

it('the test image has busybox, a link for each applet, and a place to work', async () => {
  const tar = await rootFileSystem(Buffer.from('program'), ['bin/busybox', 'bin/ls', 'usr/bin/awk', 'linuxrc']);
  const entries = await entriesOf(tar);
  expect(entries.get('bin/busybox')).toMatchObject({ type: 'file', mode: 0o755, size: 7 });
  expect(entries.get('usr/bin/awk')).toMatchObject({ type: 'symlink', linkname: '/bin/busybox' });
  expect(entries.get('tmp')?.mode).toBe(0o1777);
  expect(entries.get('workspace')?.uid).toBe(1000);
  expect(entries.has('linuxrc')).toBe(false);
  expect(await rootFileSystem(Buffer.from('program'), ['bin/ls'])).toEqual(
    await rootFileSystem(Buffer.from('program'), ['bin/ls']),
  );
});
