// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { fill, renderPage } from '../../test-support/render.tsx';
import { Packages } from './packages.tsx';

it.each([
  ['pip', 'six; rm -rf', '"six;" must look like name, name[extra] or name>=1.2.'],
  ['npm', 'express git+ssh://x', '"git+ssh://x" must look like name, @scope/name or name@1.2.'],
])('%s: says at the field what is wrong with %j, and sends nothing', async (provider, typed, sentence) => {
  const asked: unknown[] = [];
  const listing = { provider, packages: [], problem: null, canRepair: false, requirementsFile: null };
  const { element, act } = await renderPage(<Packages sandbox={fakeSandbox({ engine: 'virtualenv' })} />, {
    connected: true,
    prepare: (_page, host) => {
      host.answer = (path) => {
        asked.push(path.join('.'));
        return Promise.resolve([listing]);
      };
    },
  });
  await act(() => Promise.resolve());
  const field = element.querySelector('form input');
  const submit = () => act(() => element.querySelector<HTMLButtonElement>('form [type="submit"]')?.click());
  await act(() => fill(field, typed));
  asked.length = 0;
  await submit();
  expect(element.querySelector('form [role="alert"]')?.textContent).toBe(sentence);
  expect(field?.getAttribute('aria-invalid')).toBe('true');
  expect(asked).toEqual([]);
  await act(() => fill(field, 'six'));
  expect(element.querySelector('form [role="alert"]')).toBeNull();
  await submit();
  expect(asked).toContain('packages.install');
});
