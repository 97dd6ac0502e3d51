// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { zhCN } from '../../strings/zh-cn.ts';
import { fakeCapabilities, fakeReport } from '../../test-support/fake-capabilities.ts';
import { fakeSandbox } from '../../test-support/fake-sandbox.ts';
import { renderPage } from '../../test-support/render.tsx';
import { Overview } from './overview.tsx';

const spec: SandboxSpec = {
  name: 'one',
  engine: 'docker',
  source: { type: 'image', reference: 'busybox' },
  env: {},
  mounts: [],
  ports: [],
  limits: {},
  network: { mode: 'none' },
  profile: 'standard',
  labels: {},
  allowBestEffort: false,
};
const stopped = { state: 'stopped', stoppedAt: 2, exit: { code: 143, signal: null } } as const;

it('says that a container without a command runs what its image brings', async () => {
  const container = await renderPage(<Overview sandbox={fakeSandbox({ spec })} />);
  expect(container.text()).toContain('the image’s own');
  const process = await renderPage(
    <Overview sandbox={fakeSandbox({ spec: { ...spec, source: { type: 'empty' } } })} />,
  );
  expect(process.text()).toContain('none, it just stays open');
});

it('names an empty workspace in the page’s language, and an image as it is called', async () => {
  const prepare = ({ strings }: { strings: { setState: (state: { current: typeof zhCN }) => void } }) =>
    strings.setState({ current: zhCN });
  const sandbox = fakeSandbox({ spec: { ...spec, source: { type: 'empty' } }, source: 'empty workspace' });
  expect((await renderPage(<Overview sandbox={sandbox} />, { prepare })).text()).toContain('空工作区');
  const container = fakeSandbox({ spec, source: 'busybox' });
  expect((await renderPage(<Overview sandbox={container} />, { prepare })).text()).toContain('busybox');
});

it.each([
  ['stopped', 'stopped on request, exit code 143', false],
  ['exited', 'exit code 143', true],
] as const)('asks what happened: after %s it says "%s"', async (type, text, red) => {
  const { element } = await renderPage(<Overview sandbox={fakeSandbox({ ...stopped, spec })} />, {
    prepare: (_page, host) => {
      host.answer = () =>
        Promise.resolve([
          { id: 2, at: 2, type: 'updated' },
          { id: 1, at: 1, type },
        ]);
    },
  });
  const said = [...element.querySelectorAll('dd span')].find((span) => span.textContent === text);
  expect(said?.className.includes('danger')).toBe(red);
});

it('says what the runtime that it has wins and costs', async () => {
  const sandbox = fakeSandbox({ engine: 'docker', spec: { ...spec, runtime: 'runsc' } });
  const { text } = await renderPage(<Overview sandbox={sandbox} />, {
    prepare: (page) => {
      const runtimes = [
        { name: 'runsc', title: 'gVisor', tradeOff: 'slower at files', capabilities: fakeCapabilities() },
      ];
      page.host.setState({ engines: [{ ...fakeReport('docker'), runtimes }] });
    },
  });
  expect(text()).toContain('slower at files');
});
