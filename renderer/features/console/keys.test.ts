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

it('leaves Ctrl+_ and Ctrl+K, which cuts the rest of a line, to the program', () => {
  expect(press('_', { ctrlKey: true, shiftKey: true }).goesToProgram).toBe(true);
  expect(press('k', { ctrlKey: true }).goesToProgram).toBe(true);
  expect(press('1').goesToProgram).toBe(true);
});

it.each<[string, string, KeyboardEventInit]>([
  ['Alt+3, to a tab', '3', { altKey: true, code: 'Digit3' }],
  ['Alt+3 where it types another character', '£', { altKey: true, code: 'Digit3' }],
  ['F6, to the next pane', 'F6', {}],
  ['Shift+F6, to the pane before', 'F6', { shiftKey: true }],
  ['Ctrl+Shift+P, to the command palette', 'P', { ctrlKey: true, shiftKey: true }],
  ['F1, to the command palette', 'F1', {}],
  ['Cmd+K, to the command palette', 'k', { metaKey: true }],
])('lets the page have %s', (_name, key, modifiers) => {
  const { goesToProgram, prevented } = press(key, modifiers);
  expect([goesToProgram, prevented]).toEqual([false, false]);
});
