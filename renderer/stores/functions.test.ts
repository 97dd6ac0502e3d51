// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { fakeFunction } from '../test-support/fake-function.ts';
import { createFakePage } from '../test-support/fake-page.ts';
import { createDraftStorage } from './drafts.ts';
import { applyFunctionChanges } from './functions.ts';

it('follows what the host tells of functions', () => {
  const one = fakeFunction({ id: 'fun_one000000000' });
  const two = fakeFunction({ id: 'fun_two000000000' });
  const both = applyFunctionChanges(null, [{ type: 'snapshot', functions: [one, two] }]);
  expect([...both.keys()]).toEqual([one.id, two.id]);
  const changed = applyFunctionChanges(both, [
    { type: 'remove', id: one.id },
    { type: 'upsert', function: { ...two, version: 2 } },
  ]);
  expect([...changed.values()].map(({ version }) => version)).toEqual([2]);
});

function memory() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
}

it('keeps drafts over a reload, and forgets those that were saved', () => {
  const storage = memory();
  storage.setItem('terrarium.draft.fun_bad', 'of another version of the page');
  storage.setItem('terrarium.theme', 'dark');
  const drafts = createDraftStorage(storage, () => undefined);
  drafts.put('fun_a', { text: 'a', base: 1 });
  drafts.put('fun_b', { text: 'b', base: 2 });
  drafts.put('fun_b', null);
  drafts.flush();
  const again = createDraftStorage(storage, () => undefined).load();
  expect([...again]).toEqual([['fun_a', { text: 'a', base: 1 }]]);
});

it('says when a draft cannot be kept', () => {
  const full = () => {
    throw new DOMException('no room', 'QuotaExceededError');
  };
  const onFull = vi.fn();
  const drafts = createDraftStorage({ ...memory(), setItem: full }, onFull);
  drafts.put('fun_a', { text: 'a', base: 1 });
  drafts.flush();
  expect(onFull).toHaveBeenCalledOnce();
});

it('forgets drafts of functions that are gone, but not of the one that is looked at', () => {
  const { page } = createFakePage();
  page.functions.edit('fun_gone', { text: 'a', base: 1 });
  page.functions.edit('fun_shown', { text: 'b', base: 1 });
  page.functions.forgetOthers('fun_shown');
  expect(page.functions.store.getState().drafts.size).toBe(2); // nobody knows yet what is there
  page.functions.apply([{ type: 'snapshot', functions: [] }]);
  page.functions.forgetOthers('fun_shown');
  expect([...page.functions.store.getState().drafts.keys()]).toEqual(['fun_shown']);
  page.connection.dispose();
});

it('cancels what runs, and has one invocation of a function at a time', async () => {
  const { page, fake } = createFakePage();
  await vi.waitFor(() => expect(page.connection.state.getState().status).toBe('connected'));
  const asked: unknown[] = [];
  fake.answer = (_path, input, signal) => {
    asked.push(input);
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  const done = page.functions.invoke('fun_a', '1');
  await page.functions.invoke('fun_a', '2');
  expect(asked).toEqual([{ id: 'fun_a', payload: '1' }]);
  const run = page.functions.store.getState().runs.get('fun_a');
  if (run?.state === 'running') run.cancel();
  await done;
  expect(page.functions.store.getState().runs.get('fun_a')).toMatchObject({
    state: 'refused',
    error: { code: 'cancelled' },
  });
  page.connection.dispose();
});
