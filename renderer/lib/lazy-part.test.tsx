// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest';
import { renderPage } from '../test-support/render.tsx';
import { LoadFailure, lazyPart, loadOnce } from './lazy-part.tsx';

const Hello = ({ name }: { readonly name: string }) => <p>hello {name}</p>;

it('is asked for again after a failure, and only once after a success', async () => {
  const load = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue('here');
  const part = loadOnce(load);
  await expect(part.load()).rejects.toBeInstanceOf(LoadFailure);
  expect(part.known()).toBeUndefined();
  expect([await part.load(), await part.load(), part.known()]).toEqual(['here', 'here', 'here']);
  expect(load).toHaveBeenCalledTimes(2);
});

it('is drawn at once when its code came before', async () => {
  const load = vi.fn(() => Promise.resolve(Hello));
  const Part = lazyPart(load);
  const first = await renderPage(<Part name="you" waiting="…" />);
  expect(first.text()).toBe('hello you');
  const second = await renderPage(<Part name="again" waiting="…" />, { settle: false });
  expect(second.text()).toBe('hello again');
  expect(load).toHaveBeenCalledOnce();
});
