// @vitest-environment happy-dom
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadOnce } from '../lib/lazy-part.tsx';
import { createFakePage } from '../test-support/fake-page.ts';
import { loadParts, PARTS_LOADED } from './load-parts.ts';

it('waits for the list, and asks again with the next connection for what did not come', async () => {
  const { page, fake } = createFakePage();
  onTestFinished(page.connection.dispose);
  const status = () => page.connection.state.getState().status;
  const becomes = (wanted: string) => vi.waitFor(() => expect(status()).toBe(wanted), 5000);
  await becomes('connected');
  let away = true;
  const load = vi.fn(() => (away ? Promise.reject(new Error('nobody there')) : Promise.resolve('here')));
  const part = loadOnce(load);
  const done = loadParts(page);
  expect(load).not.toHaveBeenCalled();

  page.sandboxes.setState({ byId: new Map() });
  await vi.waitFor(() => expect(load).toHaveBeenCalledOnce());
  fake.mode = 'down';
  fake.breakWire();
  await becomes('reconnecting');
  expect(performance.getEntriesByName(PARTS_LOADED)).toHaveLength(0);
  away = false;
  fake.mode = 'up';
  await done;
  expect(part.known()).toBe('here');
  expect(performance.getEntriesByName(PARTS_LOADED)).toHaveLength(1);
});

it('leaves to whoever opens it what does not come although the host is there', async () => {
  const { page } = createFakePage();
  onTestFinished(page.connection.dispose);
  page.sandboxes.setState({ byId: new Map() });
  const part = loadOnce<string>(() => Promise.reject(new Error('not found')));
  await loadParts(page);
  expect(part.known()).toBeUndefined();
});
