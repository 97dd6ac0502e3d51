// @vitest-environment happy-dom
import { useState } from 'react';
import { expect, it } from 'vitest';
import type { ChangeList } from '../../../shared/contract/changes.ts';
import { AppError } from '../../../shared/model/error.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { fill, type Rendered, renderPage } from '../../test-support/render.tsx';
import { ChangeDiff } from './change-diff.tsx';
import { Changes } from './changes.tsx';

const file = (path: string) =>
  ({ path, kind: 'added', type: 'file', size: 1, target: null, changedOutside: false }) as const;
const stopped = fakeSandbox({ state: 'stopped' });

interface Call {
  readonly name: string;
  readonly input: unknown;
}

async function draw(
  list: ChangeList | (() => ChangeList),
  sandbox = stopped,
  piece = <Changes sandbox={sandbox} />,
): Promise<Rendered & { calls: Call[] }> {
  const calls: Call[] = [];
  const rendered = await renderPage(piece, {
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

const chooseAll = ({ element }: Rendered) => element.querySelector('label')?.querySelector('input');

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

it('applies what was chosen by its name, also when that is all there is in the list', async () => {
  const rendered = await draw({ changes: [file('a'), file('a/b'), file('c')], truncated: true });
  await rendered.act(() => chooseAll(rendered)?.click());
  await rendered.act(() => button(rendered, 'Apply 3')?.click());
  const question = rendered.page.ui.getState().question;
  expect(question?.title).not.toContain('not listed');
  await rendered.act(() => question?.answer({ yes: true, option: false }));
  expect(rendered.calls.filter(({ name }) => name === 'apply')).toEqual([
    { name: 'apply', input: { id: stopped.id, paths: ['a', 'c'] } },
  ]);
});

it('takes a folder back of which something that was searched for is left out', async () => {
  const rendered = await draw({ changes: [file('fresh'), file('fresh/a'), file('fresh/b')], truncated: false });
  await rendered.act(() => chooseAll(rendered)?.click());
  await rendered.act(() => fill(rendered.element.querySelector('input[type=search]'), 'b'));
  await rendered.act(() => chooseAll(rendered)?.click());
  await rendered.act(() => button(rendered, 'Apply 1')?.click());
  await rendered.act(() => rendered.page.ui.getState().question?.answer({ yes: true, option: false }));
  expect(rendered.calls.find(({ name }) => name === 'apply')?.input).toEqual({ id: stopped.id, paths: ['fresh/a'] });
});

it('asks for the list once after an apply', async () => {
  const rendered = await draw({ changes: [file('a')], truncated: false });
  await rendered.act(() => button(rendered, 'Apply all')?.click());
  await rendered.act(() => rendered.page.ui.getState().question?.answer({ yes: true, option: false }));
  await rendered.act(() => expect.poll(() => button(rendered, 'Apply all')?.disabled).toBe(false));
  expect(rendered.calls.map(({ name }) => name)).toEqual(['list', 'apply', 'list']);
});

it('warns of what was changed in the folder as well', async () => {
  const rendered = await draw({ changes: [{ ...file('a'), changedOutside: true }, file('b')], truncated: false });
  await rendered.act(() => button(rendered, 'Apply all')?.click());
  expect(rendered.page.ui.getState().question?.text).toContain('1 of them was changed in the folder too');
});

it('says what all means while a search hides a part of it', async () => {
  const rendered = await draw({ changes: [file('a'), file('b'), file('bb')], truncated: false });
  await rendered.act(() => fill(rendered.element.querySelector('input[type=search]'), 'b'));
  expect(rendered.element.querySelector('[role=status]')?.textContent).toBe('2 of 3');
  expect(button(rendered, 'Throw away all 3')).toBeDefined();
  await rendered.act(() => button(rendered, 'Apply all 3')?.click());
  await rendered.act(() => rendered.page.ui.getState().question?.answer({ yes: true, option: false }));
  expect(rendered.calls.find(({ name }) => name === 'apply')?.input).toEqual({ id: stopped.id });
});

it('shows whether some or all are chosen', async () => {
  const rendered = await draw({ changes: [file('a'), file('b')], truncated: false });
  const drawn = () => [chooseAll(rendered)?.indeterminate, chooseAll(rendered)?.checked];
  expect(drawn()).toEqual([false, false]);
  await rendered.act(() => chooseAll(rendered)?.click());
  expect(drawn()).toEqual([false, true]);
  await rendered.act(() => fill(rendered.element.querySelector('input[type=search]'), 'b'));
  await rendered.act(() => chooseAll(rendered)?.click());
  await rendered.act(() => fill(rendered.element.querySelector('input[type=search]'), ''));
  expect(drawn()).toEqual([true, false]);
});

it('tells the question whether to destroy it how much would be lost, as long as it is in sight', async () => {
  let leave: () => void = () => undefined;
  function InSight() {
    const [isInSight, setInSight] = useState(true);
    leave = () => setInSight(false);
    return isInSight && <Changes sandbox={stopped} />;
  }
  const rendered = await draw({ changes: [file('a'), file('b')], truncated: true }, stopped, <InSight />);
  expect(rendered.page.ui.getState().unapplied).toEqual({ id: stopped.id, count: 2, more: true });
  await rendered.act(() => leave());
  expect(rendered.page.ui.getState().unapplied).toBeNull();
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

it('reads what one does anew when the sandbox stops, or the list is asked for again', async () => {
  let text = 'one';
  let next: (version: string) => void = () => undefined;
  function Versions() {
    const [version, setVersion] = useState('running 0');
    next = setVersion;
    return <ChangeDiff sandboxId={stopped.id} change={file('a')} version={version} onClose={() => undefined} />;
  }
  const rendered = await renderPage(<Versions />, {
    connected: true,
    prepare: (_page, fake) => {
      const { answer } = fake;
      fake.answer = (path, input, signal) =>
        path.join('.') === 'changes.read'
          ? Promise.resolve({ before: null, after: text, problem: null })
          : answer(path, input, signal);
    },
  });
  expect(rendered.text()).toContain('+one');
  text = 'two';
  await rendered.act(() => next('stopped 0'));
  expect(rendered.text()).toContain('+two');
});
