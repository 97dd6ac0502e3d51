// @vitest-environment happy-dom
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { createFakePage } from '../../test-support/fake-page.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { listCommands } from './commands.ts';

function pageWith(count: number) {
  const { page, fake } = createFakePage();
  onTestFinished(page.connection.dispose);
  const sandboxes = Array.from({ length: count }, () => fakeSandbox({ engine: 'docker' }));
  page.sandboxes.setState({ byId: new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox])) });
  const ids = sandboxes.map(({ id }) => id);
  page.ui.setState({ active: ids[0] ?? null, selected: new Set(ids) });
  return { page, fake, ids: () => listCommands(page).map(({ id }) => id) };
}

it('begins with what does no harm', () => {
  const { ids } = pageWith(1);
  expect(ids()[0]).toBe('tab-overview');
  expect(ids()).toContain('do-stop');
});

it('offers only the tabs that the sandbox has', () => {
  const { page, ids } = pageWith(0);
  const show = (sandbox: Sandbox) => {
    page.sandboxes.setState({ byId: new Map([[sandbox.id, sandbox]]) });
    page.ui.setState({ active: sandbox.id });
  };
  show(fakeSandbox());
  expect(ids()).toContain('tab-logs');
  expect(ids()).not.toContain('tab-packages');
  expect(ids()).not.toContain('tab-changes');
  const spec = sandboxSpecSchema.parse({
    name: 'kept',
    engine: 'namespace',
    source: { type: 'empty' },
    network: { mode: 'none' },
    profile: 'standard',
    filesystem: { overlay: true },
  });
  show(fakeSandbox({ engine: 'namespace', spec }));
  expect(ids()).toContain('tab-changes');
});

it('has every action that is possible for several at once', () => {
  expect(pageWith(2).ids()).toEqual(expect.arrayContaining(['all-stop', 'all-pause', 'all-rebuild', 'all-destroy']));
});

it('offers to connect at once only while the host is away', async () => {
  const { page, fake, ids } = pageWith(0);
  const status = () => page.connection.state.getState().status;
  await vi.waitFor(() => expect(status()).toBe('connected'));
  expect(ids()).not.toContain('reconnect');
  fake.mode = 'down';
  fake.breakWire();
  await vi.waitFor(() => expect(status()).toBe('reconnecting'));
  expect(ids()).toContain('reconnect');
});
