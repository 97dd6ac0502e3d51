import { describe, expect, it } from 'vitest';
import { pieces, plainText } from './ansi.ts';

describe('plainText', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b]0;title\x07text', 'text'],
    ['\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\', 'link'],
    ['\x1b[2J\x1b[H\x1b[10;20Hmoved', 'moved'],
    ['\x1bP1$r0m\x1b\\after', 'after'],
    ['\x1bcreset', 'reset'],
    ['10 %\r50 %\r100 %', '100 %'],
    ['dos line\r', 'dos line'],
    ['a\x00b\x08c\x7fd\x9be', 'abcde'],
    ['user\u202egnp.exe', 'usergnp.exe'],
    ['tab\tstays', 'tab\tstays'],
    ['\x1b[unfinished', 'nfinished'],
    ['\x1b]0;never ended', ''],
    ['\x1b[38;2;1;2', ''],
  ])('of %j is %j', (line, text) => expect(plainText(line)).toBe(text));
});

describe('pieces', () => {
  it('have colours and weights', () => {
    expect(pieces('a \x1b[1;31mbold red\x1b[0m z').map(({ text, color, bold }) => [text, color, bold])).toEqual([
      ['a ', undefined, false],
      ['bold red', 'red', true],
      [' z', undefined, false],
    ]);
  });

  it('carry the same text as plainText, whatever comes', () => {
    for (const line of [
      '\x1b[31m<script>alert(1)</script>',
      '\x1b[38;5;200mx\x1b[48;2;1;2;3my',
      '\x1b[999mz\x1b',
      'a&amp;b',
    ]) {
      expect(
        pieces(line)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(plainText(line));
    }
  });
});
