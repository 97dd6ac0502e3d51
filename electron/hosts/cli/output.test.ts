import { expect, it } from 'vitest';
import { createOutput, plain, table } from './output.ts';

it('shows what is hostile as plain text', () => {
  expect(plain('a\x1b[31mb\x1b]0;title\x07c\nd\x85e')).toBe('abc�d�e');
  expect(plain('right\u202eleft')).toBe('right�left');
  expect(plain('grüße 🌱')).toBe('grüße 🌱');
});

it('escapes in JSON what a terminal would obey', () => {
  let written = '';
  const stream = { isTTY: false, write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  createOutput(true, stream).value({ name: '\x9b31m\u202e\x1b' });
  expect(written).toBe('{"name":"\\u009b31m\\u202e\\u001b"}\n');
  expect(JSON.parse(written)).toEqual({ name: '\x9b31m\u202e\x1b' });
});

it('aligns columns by what is seen of them', () => {
  expect(
    table(
      ['A', 'B'],
      [
        ['\x1b[32mgreen\x1b[39m', '1'],
        ['界', '2'],
      ],
    ),
  ).toBe('A      B\n\x1b[32mgreen\x1b[39m  1\n界     2');
});
