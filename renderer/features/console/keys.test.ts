// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { terminalKeys } from './keys.ts';

function press(key: string, modifiers: Partial<KeyboardEventInit> = {}) {
  const handlers = { copy: vi.fn(), find: vi.fn(), fontSize: vi.fn() };
  const event = new KeyboardEvent('keydown', { key, cancelable: true, ...modifiers });
  const goesToProgram = terminalKeys(event, handlers);
  return { handlers, goesToProgram, prevented: event.defaultPrevented };
}

it('leaves Ctrl+C to the program', () => {
  expect(press('c', { ctrlKey: true }).goesToProgram).toBe(true);
});

it('copies with Ctrl+Shift+C', () => {
  const { handlers, goesToProgram, prevented } = press('C', { ctrlKey: true, shiftKey: true });
  expect([handlers.copy.mock.calls.length, goesToProgram, prevented]).toEqual([1, false, true]);
});

it("leaves Ctrl+Shift+V to the browser's own paste", () => {
  const { goesToProgram, prevented } = press('V', { ctrlKey: true, shiftKey: true });
  expect([goesToProgram, prevented]).toEqual([false, false]);
});

it('changes the text size', () => {
  expect(press('=', { ctrlKey: true }).handlers.fontSize).toHaveBeenCalledWith('larger');
  expect(press('-', { ctrlKey: true }).handlers.fontSize).toHaveBeenCalledWith('smaller');
  expect(press('0', { ctrlKey: true }).handlers.fontSize).toHaveBeenCalledWith('normal');
});

it('leaves Ctrl+_ and the command palette where they belong', () => {
  expect(press('_', { ctrlKey: true, shiftKey: true }).goesToProgram).toBe(true);
  const palette = press('k', { ctrlKey: true });
  expect([palette.goesToProgram, palette.prevented]).toEqual([false, false]);
});
