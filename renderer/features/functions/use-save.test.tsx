// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { fakeWhole } from '../../test-support/fake-function.ts';
import { renderPage } from '../../test-support/render.tsx';
import { type Saving, useSave } from './use-save.ts';

it('cancels what is being saved, which is no error', async () => {
  const whole = fakeWhole();
  const saved: unknown[] = [];
  let saving: Saving | undefined;
  function Probe() {
    saving = useSave(whole, (each) => saved.push(each));
    return null;
  }
  const rendered = await renderPage(<Probe />, {
    connected: true,
    prepare: (_page, fake) => {
      fake.answer = (_path, _input, signal) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    },
  });
  let answer: Promise<unknown> | undefined;
  await rendered.act(() => {
    answer = saving?.save(whole.spec);
  });
  expect(saving?.isSaving).toBe(true);
  await rendered.act(() => saving?.cancel());
  expect(await answer).toBeNull();
  await rendered.act(() => undefined);
  expect(saving).toMatchObject({ isSaving: false, error: null });
  expect(saved).toEqual([]);
});
