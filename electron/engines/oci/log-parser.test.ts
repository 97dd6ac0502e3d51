import { describe, expect, it } from 'vitest';
import { createLogParser, LONGEST_LINE } from './log-parser.ts';

const STAMP = '2026-11-21T22:40:01.123456789Z ';
const AT = Date.parse('2026-11-21T22:40:01.123Z');

function frame(type: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

describe.each([1, 5, 17, 4096])('in chunks of %i bytes', (size) => {
  const parse = (data: Buffer, tty = false) => {
    const parser = createLogParser(tty);
    const lines = [];
    for (let at = 0; at < data.length; at += size) lines.push(...parser.push(data.subarray(at, at + size)));
    return [...lines, ...parser.end()];
  };

  it('keeps streams apart and takes the stamp off', () => {
    const data = Buffer.concat([
      frame(1, `${STAMP}one\n`),
      frame(2, `${STAMP}grüße 🌱\n`),
      frame(1, `${STAMP}\n`),
      frame(1, `${STAMP}unfinished`),
    ]);
    expect(parse(data)).toEqual([
      { at: AT, stream: 'stdout', text: 'one' },
      { at: AT, stream: 'stderr', text: 'grüße 🌱' },
      { at: AT, stream: 'stdout', text: '' },
      { at: AT, stream: 'stdout', text: 'unfinished' },
    ]);
  });

  it('joins a long line that the engine keeps in parts with stamps of their own', () => {
    const later = STAMP.replace(':01.', ':02.');
    const data = Buffer.concat([frame(1, `${STAMP}${'a'.repeat(40)}`), frame(1, `${later}${'b'.repeat(40)}\n`)]);
    expect(parse(data)).toEqual([{ at: AT, stream: 'stdout', text: 'a'.repeat(40) + 'b'.repeat(40) }]);
  });

  it('reads a terminal’s log, which is not multiplexed', () => {
    expect(parse(Buffer.from(`${STAMP}one\r\n${STAMP}two words\r\n`), true)).toEqual([
      { at: AT, stream: 'stdout', text: 'one' },
      { at: AT, stream: 'stdout', text: 'two words' },
    ]);
  });

  it('leaves text alone that has no stamp', () => {
    expect(parse(Buffer.from('no stamp here\n'), true)).toEqual([
      { at: null, stream: 'stdout', text: 'no stamp here' },
    ]);
  });
});

it('cuts a line that never ends', () => {
  const parser = createLogParser(true);
  const lines = parser.push(Buffer.from(STAMP + 'x'.repeat(2 * LONGEST_LINE + 5)));
  expect(lines.map(({ text }) => text.length)).toEqual([LONGEST_LINE, LONGEST_LINE]);
  expect(parser.end().map(({ text }) => text)).toEqual(['xxxxx']);
});
