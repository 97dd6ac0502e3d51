import { expect, it } from 'vitest';
import { toBytes, toText } from './names.ts';

it.each([
  ['plain', Buffer.from('src/main.ts')],
  ['beyond ASCII', Buffer.from('źródło/文件/😀')],
  ['with control characters', Buffer.from('a\nb\u001b[31m\u202e')],
  ['no UTF-8 at all', Buffer.from([0xff, 0xfe, 0x80])],
  ['UTF-8 that is cut off', Buffer.from([0x61, 0xf0, 0x9f, 0x98, 0x2f, 0xc3])],
  ['a surrogate as bytes', Buffer.from([0xed, 0xb2, 0x80])],
  ['what a replacement looks like', Buffer.concat([Buffer.from('\ufffd'), Buffer.from([0xff])])],
])('a name that is %s comes back byte for byte', (_what, bytes) => {
  expect(toBytes(toText(bytes))).toEqual(bytes);
  expect(JSON.parse(JSON.stringify(toText(bytes)))).toBe(toText(bytes));
});

it('shows what can be read', () => {
  expect(toText(Buffer.concat([Buffer.from('naïve '), Buffer.from([0xe9])]))).toBe('naïve \udce9');
});
