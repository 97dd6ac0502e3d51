// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { AppError } from '../../../shared/model/error.ts';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { fakeCapabilities, fakeReport } from '../../test-support/fake-capabilities.ts';
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

it('tells which runtime it has, and which limit ended it', async () => {
  const spec = sandboxSpecSchema.parse({
    engine: 'docker',
    runtime: 'runsc',
    name: 'a',
    source: { type: 'image', reference: 'busybox' },
    network: { mode: 'none' },
    profile: 'standard',
  });
  const exit = { code: 137, signal: null, limit: 'memoryBytes' };
  const ended = fakeSandbox({ engine: 'docker', spec, source: 'busybox', state: 'stopped', exit });
  const { text, element } = await renderPage(<Header sandbox={ended} />, {
    prepare: (page) => {
      const runtimes = [{ name: 'runsc', title: 'gVisor', tradeOff: '', capabilities: fakeCapabilities() }];
      page.host.setState({ engines: [{ ...fakeReport('docker'), runtimes }] });
    },
  });
  expect(text()).toContain('Docker · gVisor · busybox');
  expect(element.querySelector('[role="status"]')?.textContent).toBe('Stopped: memory limit');
});
