import { expect, test } from 'vitest';
import { parseRemembered, placeWindow, type Remembered, SMALLEST } from './bounds.ts';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const external = { x: 1440, y: 0, width: 2560, height: 1440 };
const left: Remembered = { x: 1600, y: 100, width: 1400, height: 900, maximised: false };

test('opens where it was left, on whichever display that was', () => {
  expect(placeWindow(left, [laptop, external])).toEqual({
    bounds: { x: 1600, y: 100, width: 1400, height: 900 },
    maximised: false,
  });
});

test('comes back to the primary display when its own was unplugged', () => {
  expect(placeWindow(left, [laptop])).toEqual({ bounds: { width: 1400, height: 875 }, maximised: false });
});

test.each([
  ['its upper edge is above every display', { ...left, x: 100, y: -500 }],
  ['all but a sliver is right of every display', { ...left, x: 1400, y: 100 }],
  ['it is below every display', { ...left, x: 100, y: 2000 }],
])('is placed by the system when %s', (_, remembered) => {
  expect(placeWindow(remembered, [laptop]).bounds).not.toHaveProperty('x');
});

test('is made smaller to fit a smaller display, but never too small to use', () => {
  const { bounds } = placeWindow({ ...left, x: 0, y: 0 }, [{ x: 0, y: 0, width: 320, height: 200 }]);
  expect(bounds).toMatchObject(SMALLEST);
});

test('stays maximised', () => {
  expect(placeWindow({ ...left, maximised: true }, [laptop, external]).maximised).toBe(true);
});

test('has a usual size the first time', () => {
  expect(placeWindow(null, [external]).bounds).toEqual({ width: 1280, height: 820 });
  expect(placeWindow(null, []).bounds).toEqual({ width: 1280, height: 820 });
});

test.each([[undefined], ['left'], [{ x: 0, y: 0, width: 0, height: 10, maximised: false }], [{ x: Number.NaN, y: 0 }]])(
  'what was kept and makes no sense (%j) is as if nothing was',
  (value) => {
    expect(parseRemembered(value)).toBeNull();
  },
);
