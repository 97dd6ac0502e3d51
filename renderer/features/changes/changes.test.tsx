// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { ChangeList } from '../../../shared/contract/changes.ts';
import { AppError } from '../../../shared/model/error.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { type Rendered, renderPage } from '../../test-support/render.tsx';
import { Changes } from './changes.tsx';

const file = (path: string) =>
  ({ path, kind: 'added', type: 'file', size: 1, target: null, changedOutside: false }) as const;
const stopped = fakeSandbox({ state: 'stopped' });

interface Call {
  readonly name: string;
  readonly input: unknown;
}

async function draw(list: ChangeList | (() => ChangeList), sandbox = stopped): Promise<Rendered & { calls: Call[] }> {
  const calls: Call[] = [];
  const rendered = await renderPage(<Changes sandbox={sandbox} />, {
    connected: true,
    prepare: (_page, fake) => {
      const { answer } = fake;
      fake.answer = (path, input, signal) => {
        if (path[0] !== 'changes') return answer(path, input, signal);
        calls.push({ name: path[1] ?? '', input });
        if (path[1] === 'list') return Promise.resolve(typeof list === 'function' ? list() : list);
        return Promise.resolve({ applied: 1, failed: 0, failures: [] });
      };
    },
  });
  return { ...rendered, calls };
}

const button = ({ element }: Rendered, name: string) =>
  [...element.querySelectorAll('button')].find(({ textContent }) => textContent === name);

it('asks once for the list of what does not run', async () => {
  const rendered = await draw({ changes: [file('a')], truncated: false });
  await rendered.act(() => Promise.resolve());
  expect(rendered.calls).toEqual([{ name: 'list', input: { id: stopped.id } }]);
  expect(rendered.text()).toContain('1 change: 1 added, 0 changed, 0 deleted');
});

it('applies everything after a yes, without naming what may not be listed', async () => {
  const rendered = await draw({ changes: [file('a'), file('b')], truncated: true });
  await rendered.act(() => button(rendered, 'Apply all')?.click());
  const question = rendered.page.ui.getState().question;
  expect(question?.title).toBe('Apply all changes, also those not listed?');
  await rendered.act(() => question?.answer({ yes: true, option: false }));
  expect(rendered.calls.filter(({ name }) => name === 'apply')).toEqual([{ name: 'apply', input: { id: stopped.id } }]);
});

it('warns of what was changed in the folder as well', async () => {
  const rendered = await draw({ changes: [{ ...file('a'), changedOutside: true }, file('b')], truncated: false });
  await rendered.act(() => button(rendered, 'Apply all')?.click());
  expect(rendered.page.ui.getState().question?.text).toContain('1 of them was changed in the folder too');
});

it('does nothing after a no', async () => {
  const rendered = await draw({ changes: [file('a')], truncated: false });
  await rendered.act(() => button(rendered, 'Throw away all')?.click());
  await rendered.act(() => rendered.page.ui.getState().question?.answer({ yes: false, option: false }));
  expect(rendered.calls.map(({ name }) => name)).toEqual(['list']);
});

it('offers neither while the sandbox runs, and says why', async () => {
  const rendered = await draw({ changes: [file('a')], truncated: false }, fakeSandbox({ state: 'running' }));
  expect(button(rendered, 'Apply all')?.disabled).toBe(true);
  expect(button(rendered, 'Throw away all')?.disabled).toBe(true);
  expect(rendered.text()).toContain('It is still running');
});

it('says that there is nothing, or what went wrong', async () => {
  expect((await draw({ changes: [], truncated: false })).text()).toContain('No changes');
  const failing = await draw(() => {
    throw new AppError('internal', 'The folder is gone.', { hint: 'Put it back.' });
  });
  expect(failing.text()).toContain('The folder is gone.Put it back.Try again');
});
