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

it('makes a sandbox named after both, and selects it', async () => {
  const sandbox = fakeSandbox({ name: 'api' });
  const made = fakeSandbox({ name: 'api-first-2' });
  const asked: unknown[] = [];
  const { element, act, page } = await renderPage(<Snapshots sandbox={sandbox} />, {
    connected: true,
    prepare: (_page, fake) => {
      fake.answer = (path, input) => {
        if (path[1] !== 'clone') return Promise.resolve([{ name: 'first', createdAt: null }]);
        asked.push(input);
        return Promise.resolve(made);
      };
    },
  });
  await act(() => page.sandboxes.setState({ byId: new Map([['other', fakeSandbox({ name: 'api-first' })]]) }));
  await act(() => element.querySelector<HTMLButtonElement>('[aria-label="New sandbox from first"]')?.click());
  expect(asked).toEqual([{ id: sandbox.id, name: 'first', newName: 'api-first-2' }]);
  expect(page.ui.getState().active).toBe(made.id);
  expect(page.sandboxes.getState().byId?.get(made.id)).toEqual(made);
});
