import { readFile, stat } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { ifThere } from './if-there.ts';

it('is null for what is not there, also below a file', async () => {
  expect(await ifThere(stat('/nowhere/at/all'))).toBeNull();
  expect(await ifThere(readFile('/dev/null/below', 'utf8'))).toBeNull();
});

it('gives what is there, and fails of everything else', async () => {
  expect(await ifThere(readFile('/dev/null', 'utf8'))).toBe('');
  await expect(ifThere(readFile('/', 'utf8'))).rejects.toMatchObject({ code: 'EISDIR' });
});
