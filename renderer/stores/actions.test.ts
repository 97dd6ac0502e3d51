// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { EngineReport } from '../../shared/model/engine.ts';
import { fakeCapabilities, fakeReport } from '../test-support/fake-capabilities.ts';
import { createFakePage } from '../test-support/fake-page.ts';
import { fakeSandbox } from '../test-support/fake-sandbox.ts';

function report(kind: EngineReport['kind'], canPause: boolean): EngineReport {
  const capabilities = fakeCapabilities();
  const pause = { support: canPause ? ('enforced' as const) : ('unsupported' as const) };
  const features = { ...capabilities.features, pause };
  return fakeReport(kind, { ...capabilities, features });
}

it('offers a pause for those of several whose engine can', () => {
  const { page } = createFakePage();
  const among = [fakeSandbox({ engine: 'docker' }), fakeSandbox({ engine: 'podman' })];
  page.host.setState({ engines: [report('docker', true), report('podman', false)] });
  expect(page.actions.possible('pause', among).map(({ engine }) => engine)).toEqual(['docker']);
  page.connection.dispose();
});

it('asks once before several are rebuilt, and speaks of several', async () => {
  const { page, fake } = createFakePage();
  const rebuilt: unknown[] = [];
  fake.answer = (_path, input) => Promise.resolve(rebuilt.push(input));
  const two = [fakeSandbox(), fakeSandbox({ state: 'stopped' })];
  page.sandboxes.setState({ byId: new Map(two.map((sandbox) => [sandbox.id, sandbox])) });
  const done = page.actions.run(
    'rebuild',
    two.map(({ id }) => id),
  );
  expect(page.ui.getState().question?.title).toBe('Rebuild 2 sandboxes?');
  page.ui.getState().question?.answer({ yes: true, option: false });
  await done;
  expect(rebuilt).toEqual(two.map(({ id }) => ({ id })));
  page.connection.dispose();
});
