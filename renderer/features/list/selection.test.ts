import { describe, expect, it } from 'vitest';
import { step } from '../../lib/step.ts';
import { type Selection, select } from './selection.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const none: Selection = { active: null, selected: new Set(), anchor: null };
const plain = { toggle: false, range: false };
const toggle = { toggle: true, range: false };
const range = { toggle: false, range: true };
const chosen = ({ selected }: Selection) => [...selected].sort().join('');

describe('select', () => {
  it('takes one alone on a plain click', () => {
    const after = select(select(none, ids, 'a', plain), ids, 'c', plain);
    expect([chosen(after), after.active]).toEqual(['c', 'c']);
  });

  it('adds and takes away with Ctrl', () => {
    const two = select(select(none, ids, 'a', plain), ids, 'c', toggle);
    expect(chosen(two)).toBe('ac');
    expect(chosen(select(two, ids, 'a', toggle))).toBe('c');
  });

  it('takes the span with Shift, from where it began, in both directions', () => {
    const down = select(select(none, ids, 'c', plain), ids, 'e', range);
    expect(chosen(down)).toBe('cde');
    expect(chosen(select(down, ids, 'a', range))).toBe('abc');
  });

  it('takes one alone when the beginning of a span is not shown any more', () => {
    const before = select(none, ids, 'a', plain);
    expect(chosen(select(before, ['c', 'd'], 'd', range))).toBe('d');
  });
});

describe('step', () => {
  it('stays within the list', () => {
    expect(step(ids, 'a', 'ArrowUp', 3)).toBe('a');
    expect(step(ids, 'e', 'ArrowDown', 3)).toBe('e');
    expect(step(ids, 'b', 'PageDown', 3)).toBe('e');
    expect(step(ids, 'b', 'PageUp', 3)).toBe('a');
    expect(step(ids, 'c', 'End', 3)).toBe('e');
  });

  it('begins at the near end when nothing is active', () => {
    expect(step(ids, null, 'ArrowDown', 3)).toBe('a');
    expect(step(ids, null, 'ArrowUp', 3)).toBe('e');
    expect(step([], null, 'ArrowDown', 3)).toBeUndefined();
  });

  it('leaves other keys alone', () => expect(step(ids, 'a', 'x', 3)).toBeUndefined());
});
