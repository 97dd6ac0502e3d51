// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { SandboxState } from '../../../shared/model/states.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { renderPage } from '../../test-support/render.tsx';
import { Snapshots } from './snapshots.tsx';

it.each<[SandboxState, boolean]>([
  ['running', true],
  ['stopped', true],
  ['stopping', false],
  ['lost', false],
])('of one that is %s a snapshot can be gone on from: %s', async (state, isPossible) => {
  const asked: unknown[] = [];
  const { element, act } = await renderPage(<Snapshots sandbox={fakeSandbox({ state })} />, {
    connected: true,
    prepare: (_page, fake) => {
      const { answer } = fake;
      fake.answer = (path, input, signal) => {
        if (path[0] !== 'snapshots') return answer(path, input, signal);
        asked.push(path[1]);
        return Promise.resolve([{ name: 'first', createdAt: null }]);
      };
    },
  });
  await act(() => Promise.resolve());
  const isEnabled = (label: string) =>
    element.querySelector<HTMLButtonElement>(`[aria-label="${label}"]`)?.disabled === false;
  expect([isEnabled('Go back to first'), isEnabled('New sandbox from first')]).toEqual([isPossible, isPossible]);
  expect(isEnabled('Remove first')).toBe(true);
  expect(asked).toEqual(['list']);
});
