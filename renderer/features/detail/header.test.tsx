// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { fill, renderPage } from '../../test-support/render.tsx';
import { Header } from './header.tsx';

it('keeps a name that is taken in its editor, with the reason, until another is typed', async () => {
  const names: unknown[] = [];
  const { element, act } = await renderPage(<Header sandbox={fakeSandbox({ name: 'old' })} />, {
    connected: true,
    prepare: (_page, host) => {
      host.answer = (_path, input) => {
        names.push(input);
        return names.length === 1
          ? Promise.reject(new AppError('conflict', 'There is one already'))
          : Promise.resolve();
      };
    },
  });
  const input = () => element.querySelector('input');
  const enter = () => act(() => input()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })));
  await act(() => element.querySelector<HTMLElement>('[aria-label="Rename"]')?.click());
  await act(() => fill(input(), 'taken'));
  await enter();
  expect(input()?.value).toBe('taken');
  expect(element.querySelector('[role="alert"]')?.textContent).toBe('There is one already');
  await act(() => fill(input(), 'free'));
  expect(element.querySelector('[role="alert"]')).toBeNull();
  await enter();
  expect(input()).toBeNull();
  expect(names).toHaveLength(2);
});
