// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { fakeCapabilities, fakeReport } from '../../test-support/fake-capabilities.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { renderPage } from '../../test-support/render.tsx';
import { SandboxRow } from './row.tsx';

const spec = sandboxSpecSchema.parse({
  engine: 'docker',
  runtime: 'runsc',
  name: 'a',
  source: { type: 'image', reference: 'busybox' },
  network: { mode: 'none' },
  profile: 'standard',
});

it.each([
  ['memoryBytes', 'Stopped: memory limit'],
  ['cpuTimeMs', 'Stopped: CPU time limit'],
  [undefined, 'Stopped'],
])('tells which runtime it has, and what ended it: %s', async (limit, state) => {
  const exit = { code: 137, signal: null, ...(limit === undefined ? {} : { limit }) };
  const sandbox = fakeSandbox({ engine: 'docker', spec, source: 'busybox', state: 'stopped', exit });
  const row = (
    <SandboxRow sandbox={sandbox} rowId="row" rowIndex={1} selected={false} active={false} onPress={() => undefined} />
  );
  const { text, element } = await renderPage(row, {
    prepare: (page) => {
      const runtimes = [{ name: 'runsc', title: 'gVisor', tradeOff: '', capabilities: fakeCapabilities() }];
      page.host.setState({ engines: [{ ...fakeReport('docker'), runtimes }] });
    },
  });
  expect(element.querySelector(`[title="${state}"]`)?.textContent).toBe(state);
  expect(text()).toContain('gVisor · busybox');
});

it('tells of an agent’s', async () => {
  const sandbox = fakeSandbox({
    engine: 'docker',
    spec: { ...spec, labels: { 'mcp.session': 'some agent/0a1b2c3d' } },
  });
  const row = (
    <SandboxRow sandbox={sandbox} rowId="row" rowIndex={1} selected={false} active={false} onPress={() => undefined} />
  );
  const { element } = await renderPage(row);
  expect(element.querySelector('[title="Made by an agent over MCP: some agent/0a1b2c3d"]')?.textContent).toBe('agent');
});
