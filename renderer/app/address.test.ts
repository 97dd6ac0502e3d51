// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createUiStore, type UiStore } from '../stores/ui.ts';
import { followAddress, readPlace, writePlace } from './address.ts';

let ui: UiStore;
let stop: () => void;

function follow(hash = ''): void {
  history.replaceState(null, '', `/${hash}`);
  ui = createUiStore();
  stop = followAddress(ui);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

it('comes back to the sandbox and the tab that the address names', () => {
  follow('#/sbx_abcdefabcdef/console');
  expect(ui.getState()).toMatchObject({ active: 'sbx_abcdefabcdef', tab: 'console', anchor: 'sbx_abcdefabcdef' });
  expect([...ui.getState().selected]).toEqual(['sbx_abcdefabcdef']);
});

it.each(['#token=abc', '#/sbx_abcdefabcdef/nothing', '#/../console', ''])('takes nothing from "%s"', (hash) => {
  follow(hash);
  expect(ui.getState()).toMatchObject({ active: null, tab: 'overview' });
  expect(location.hash).toBe(hash);
});

it('reads what it writes', () => {
  follow();
  const where = { ...ui.getState(), active: 'sbx_abcdefabcdef', tab: 'logs' } as const;
  expect(readPlace(writePlace(where))).toMatchObject({ place: 'sandboxes', active: 'sbx_abcdefabcdef', tab: 'logs' });
  const functions = { ...where, place: 'functions', activeFunction: 'fun_abcdefabcdef', functionTab: 'stats' } as const;
  expect(readPlace(writePlace(functions))).toEqual({
    place: 'functions',
    activeFunction: 'fun_abcdefabcdef',
    functionTab: 'stats',
  });
  expect(readPlace(writePlace({ ...functions, activeFunction: null }))).toEqual({
    place: 'functions',
    activeFunction: null,
  });
});

it('keeps the sandbox that was looked at while functions are', () => {
  follow('#/sbx_abcdefabcdef/console');
  ui.setState({ place: 'functions' });
  expect(location.hash).toBe('#/functions');
  vi.advanceTimersByTime(1000);
  ui.setState({ place: 'sandboxes' });
  expect(location.hash).toBe('#/sbx_abcdefabcdef/console');
});

it('has a step of the history for another place, however soon it is gone to', () => {
  follow('#/functions');
  const steps = history.length;
  ui.setState({ activeFunction: 'fun_aaaaaaaaaaaa' });
  ui.setState({ functionTab: 'stats' });
  ui.setState({ place: 'sandboxes' });
  expect(location.hash).toBe('');
  expect(history.length).toBe(steps + 2);
  vi.advanceTimersByTime(1000);
  expect(location.hash).toBe('');
  expect(history.length).toBe(steps + 2);
});

it('leaves alone what was gone back to', () => {
  follow();
  ui.setState({ place: 'functions', activeFunction: 'fun_aaaaaaaaaaaa' });
  ui.setState({ functionTab: 'stats' });
  history.replaceState(null, '', '/#/sbx_aaaaaaaaaaaa/console');
  window.dispatchEvent(new PopStateEvent('popstate'));
  vi.advanceTimersByTime(1000);
  expect(location.hash).toBe('#/sbx_aaaaaaaaaaaa/console');
  expect(ui.getState()).toMatchObject({ place: 'sandboxes', active: 'sbx_aaaaaaaaaaaa' });
});

it('writes what is looked at, and what is only passed by as one step', () => {
  follow();
  const steps = history.length;
  ui.setState({ active: 'sbx_aaaaaaaaaaaa' });
  expect(location.hash).toBe('#/sbx_aaaaaaaaaaaa/overview');
  for (const letter of 'bcdefg') ui.setState({ active: `sbx_${letter.repeat(12)}` });
  vi.advanceTimersByTime(1000);
  expect(location.hash).toBe('#/sbx_gggggggggggg/overview');
  expect(history.length).toBe(steps + 1);
  ui.setState({ tab: 'stats' });
  expect(location.hash).toBe('#/sbx_gggggggggggg/stats');
  ui.setState({ active: null });
  vi.advanceTimersByTime(1000);
  expect(location.hash).toBe('');
});
