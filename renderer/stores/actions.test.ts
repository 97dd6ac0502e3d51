// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { EngineReport } from '../../shared/model/engine.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import { sandboxSpecSchema } from '../../shared/model/spec.ts';
import { fakeCapabilities, fakeReport } from '../test-support/fake-capabilities.ts';
import { createFakePage } from '../test-support/fake-page.ts';
import { fakeSandbox } from '../test-support/fake-sandbox.ts';
import type { UiState } from './ui.ts';

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

const kept = (id: string) => {
  const source = { type: 'directory', path: '/home/me/code' } as const;
  const filesystem = { readOnly: [], readWrite: [], denied: [], overlay: true };
  const spec = sandboxSpecSchema.parse({
    name: id,
    engine: 'namespace',
    source,
    filesystem,
    network: { mode: 'none' },
    profile: 'standard',
  });
  return fakeSandbox({ id, spec });
};

/** The text of the question before an action on these. */
function asked(action: 'destroy' | 'rebuild', among: readonly Sandbox[], known: UiState['unapplied'] = null): string {
  const { page } = createFakePage();
  page.sandboxes.setState({ byId: new Map(among.map((sandbox) => [sandbox.id, sandbox])) });
  page.ui.setState({ unapplied: known });
  void page.actions.run(
    action,
    among.map(({ id }) => id),
  );
  const { text = '' } = page.ui.getState().question ?? {};
  page.ui.getState().question?.answer({ yes: false, option: false });
  page.connection.dispose();
  return text;
}

it('tells first which changes are lost with a sandbox, with their number where it is known of this one', () => {
  const [one, other] = [kept('a'), kept('b')];
  expect(asked('destroy', [one])).toMatch(/^Changes that were not applied are lost\. Its processes/);
  const known = { id: 'a', count: 65, more: false };
  expect(asked('destroy', [one], known)).toMatch(/^65 changes that were not applied are lost\. Its processes/);
  expect(asked('destroy', [one], { ...known, count: 1 })).toMatch(/^1 change that was not applied is lost\./);
  expect(asked('destroy', [one], { ...known, more: true })).toMatch(/^More than 65 changes/);
  expect(asked('destroy', [other], known)).toMatch(/^Changes that/);
  expect(asked('destroy', [one, other], known)).toMatch(/^Changes that/);
  expect(asked('destroy', [fakeSandbox({ id: 'a' })], known)).not.toContain('hanges that');
});

it('tells that changes stay when a sandbox is rebuilt', () => {
  const stay = /is lost\. Changes that were not applied stay\.$/;
  expect(asked('rebuild', [kept('a')])).toMatch(stay);
  expect(asked('rebuild', [kept('a'), kept('b')])).toMatch(stay);
  expect(asked('rebuild', [fakeSandbox()])).not.toContain('hanges that');
});
