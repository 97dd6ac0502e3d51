import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bytesWithin, utf8Bytes } from './function-text.ts';

it('counts bytes of UTF-8 as an encoder does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀', '\u{7f}', '\u{800}', '\u{ffff}') });
  fc.assert(fc.property(text, (each) => utf8Bytes(each) === encodedLength(each)));
});

it('is exact at the border', () => {
  expect(bytesWithin('é'.repeat(5), 10)).toBe(true);
  expect(bytesWithin('é'.repeat(5), 9)).toBe(false);
  expect(bytesWithin('a'.repeat(10), 10)).toBe(true);
  expect(bytesWithin('a'.repeat(11), 10)).toBe(false);
});

/** Without Node's or the DOM's types: percent-encoding writes three characters for each byte that is not ASCII. */
function encodedLength(text: string): number {
  return encodeURIComponent(text).replace(/%../g, 'x').length;
}
