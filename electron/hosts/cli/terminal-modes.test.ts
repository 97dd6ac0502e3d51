import { expect, it } from 'vitest';
import { createTerminalModes } from './terminal-modes.ts';

function after(...pieces: readonly string[]): string {
  const modes = createTerminalModes();
  pieces.forEach(modes.see);
  return modes.undo();
}

it('undoes what is still on, and nothing else', () => {
  expect(after('text \x1b[31mred\x1b[0m')).toBe('');
  expect(after('\x1b[?1049h\x1b[?25l', 'text', '\x1b[?25h\x1b[?1049l')).toBe('');
  expect(after('\x1b[?1049h\x1b[?25l')).toBe('\x1b[?1049l\x1b[?25h\x1b[0m');
  expect(after('\x1b[?1;1000;1006h\x1b=', '\x1b[?1000l')).toBe('\x1b[?1l\x1b[?1006l\x1b>\x1b[0m');
  expect(after('\x1b[>4;2m')).toBe('\x1b[>4m\x1b[0m');
  expect(after('\x1b[>4;2m\x1b[>4;m')).toBe('');
});

it('sees what comes in pieces', () => {
  expect(after(...'\x1b[?1049h')).toBe('\x1b[?1049l\x1b[0m');
  expect(after(...'\x1b[?1049h\x1b[?1049l')).toBe('');
  expect(after(...'\x1b=\x1b>')).toBe('');
});

it('undoes everything where it cannot know', () => {
  const modes = createTerminalModes();
  modes.forget();
  expect(modes.undo()).toContain('\x1b[?1049l');
  expect(modes.undo()).toContain('\x1b[?25h');
});
