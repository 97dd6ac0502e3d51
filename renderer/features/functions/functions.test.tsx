// @vitest-environment happy-dom
import { useState } from 'react';
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { fakeFunction, fakeInvocation } from '../../test-support/fake-function.ts';
import { type Rendered, renderPage } from '../../test-support/render.tsx';
import { FunctionRow } from './function-row.tsx';
import { FunctionDetail } from './functions.tsx';
import { HistoryTab } from './history-tab.tsx';
import { InvocationView } from './invocation-view.tsx';
import { type InvocationHistory, useHistory } from './use-history.ts';

const button = ({ element }: Rendered, name: string) =>
  [...element.querySelectorAll('button')].find(({ textContent }) => textContent === name);

it('explains what functions are where there are none, and says why the first could not be made', async () => {
  const rendered = await renderPage(<FunctionDetail />, {
    connected: true,
    prepare: (page, fake) => {
      page.functions.apply([{ type: 'snapshot', functions: [] }]);
      fake.answer = () => Promise.reject(new AppError('engine_unavailable', 'No engine', { hint: 'Get one' }));
    },
  });
  expect(rendered.text()).toContain('A function takes a JSON payload and returns JSON');
  await rendered.act(() => button(rendered, 'Start with an example in Python')?.click());
  expect(rendered.element.querySelector('[role=alert]')?.textContent).toBe('No engineGet one');
});

it('shows in the list what runs, waits and went wrong, and draws a hostile name as text', async () => {
  const name = '<b>bold</b>';
  const last = { at: Date.now(), outcome: 'threw' } as const;
  const summary = fakeFunction({ name, version: 3, running: 2, instances: 3, queued: 1, last });
  const rendered = await renderPage(<FunctionRow summary={summary} />);
  expect(rendered.element.querySelector('b')).toBeNull();
  for (const part of [name, '2 busy, 1 idle, 1 waiting', 'WebAssembly · JavaScript', 'v3', 'Threw an error']) {
    expect(rendered.text()).toContain(part);
  }
  expect(rendered.text()).not.toContain('unsaved');
  await rendered.act(() => rendered.page.functions.edit(summary.id, { text: 'x', base: 3 }));
  expect(rendered.text()).toContain('unsaved');
});

it('asks the host for errors of one version only', async () => {
  const asked: unknown[] = [];
  const rendered = await renderPage(<HistoryTab summary={fakeFunction()} />, {
    connected: true,
    prepare: (_page, fake) => {
      fake.answer = (path, input) => {
        if (path[0] === 'invocations') asked.push(input);
        return Promise.resolve(path[0] === 'invocations' ? [fakeInvocation()] : [{ version: 1 }]);
      };
    },
  });
  const choose = async (label: string, value: string) => {
    const select = rendered.element.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`);
    if (!select) throw new Error(`no ${label}`);
    await rendered.act(() => {
      select.value = value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
  };
  await choose('Outcome', 'errors');
  await choose('Version', '1');
  expect(asked.at(-1)).toEqual({ functionId: 'fun_000000000001', onlyErrors: true, version: 1, limit: 100 });
  expect(rendered.text()).toContain('1 invocation');
});

it('does not mix older ones of another filter into the list', async () => {
  const older = Promise.withResolvers<unknown>();
  let history: InvocationHistory | undefined;
  let setErrors: (onlyErrors: boolean) => void = () => undefined;
  function Probe() {
    const [onlyErrors, set] = useState(false);
    setErrors = set;
    history = useHistory('fun_000000000001', { onlyErrors, version: null }, 0);
    return null;
  }
  const rendered = await renderPage(<Probe />, {
    connected: true,
    prepare: (_page, fake) => {
      fake.answer = (_path, input) => {
        const { before, onlyErrors } = input as { readonly before?: string; readonly onlyErrors: boolean };
        if (before) return older.promise;
        return Promise.resolve([fakeInvocation({ id: onlyErrors ? 'inv_error' : 'inv_any' })]);
      };
    },
  });
  const ids = () => history?.invocations?.map(({ id }) => id);
  expect(ids()).toEqual(['inv_any']);
  await rendered.act(() => history?.loadMore());
  await rendered.act(() => setErrors(true));
  expect(ids()).toEqual(['inv_error']);
  await rendered.act(() => older.resolve([fakeInvocation({ id: 'inv_older' })]));
  expect(ids()).toEqual(['inv_error']);
  expect(history?.error).toBeNull();
});

it('leads from each line of a stack to the code, and draws hostile text as text', async () => {
  const lines: number[] = [];
  const outcome = {
    type: 'threw',
    name: 'Error',
    message: '<img src=x onerror=alert(1)>',
    stack: '    at inner\u202e (function.js:7:1)\n    at handler (function.js:3:1)\n',
  } as const;
  const invocation = { ...fakeInvocation({ outcome }), logs: [], logsAreCut: false };
  const rendered = await renderPage(
    <InvocationView invocation={invocation} result={null} onLine={(line) => lines.push(line)} />,
  );
  expect(rendered.element.querySelector('img')).toBeNull();
  expect(rendered.text()).toContain('at inner\\u{202e} (function.js:7:1)');
  await rendered.act(() => button(rendered, 'Thrown at line 7')?.click());
  await rendered.act(() => button(rendered, 'at handler (function.js:3:1)')?.click());
  expect(lines).toEqual([7, 3]);
});

it('tells which output is cut, and shows the two streams apart', async () => {
  const logs = [
    { stream: 'stdout', text: 'fine\n' },
    { stream: 'stderr', text: '\u001b[31mbad\u001b[0m\n'.repeat(1500) },
  ] as const;
  const invocation = { ...fakeInvocation(), logs: [...logs], logsAreCut: true };
  const rendered = await renderPage(<InvocationView invocation={invocation} result={null} onLine={null} />);
  expect(rendered.text()).toContain('and 501 more lines; copying takes them all');
  expect(rendered.text()).toContain('It wrote more than is kept');
  const select = rendered.element.querySelector('select');
  await rendered.act(() => {
    if (select) select.value = 'stdout';
    select?.dispatchEvent(new Event('change', { bubbles: true }));
  });
  expect(rendered.element.querySelector('[role=log]')?.textContent).toBe('fine');
});
