// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { EngineReport } from '../../../shared/model/engine.ts';
import { fakeReport } from '../../test-support/fake-capabilities.ts';
import { renderPage } from '../../test-support/render.tsx';
import { EngineNotices } from './notices.tsx';

it('takes the notice of an unreachable engine away when asked to, until it is news again', async () => {
  const { page, text, element, act } = await renderPage(<EngineNotices />);
  const away = { ...fakeReport('docker'), status: 'unreachable', reason: 'nobody answers' } as const;
  const show = (engine: EngineReport) => act(() => page.host.setState({ engines: [engine] }));
  await show(away);
  expect(text()).toContain('Docker: Unreachable');
  await act(() => element.querySelector<HTMLElement>('[aria-label="Close"]')?.click());
  expect(text()).toBe('');
  await show({ ...away });
  expect(text()).toBe('');
  await show(fakeReport('docker'));
  await show(away);
  expect(text()).toContain('Docker: Unreachable');
});
