import { dockerMissing, TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import { docker, removeContainers } from './docker.ts';
import { createSandbox, execute, withHost } from './host.ts';
import { byTurns, timed } from './measure.ts';

const STARTS = 9;
const EXECS = 21;

/** Ends by itself, should the run be killed before it can clean up. */
const program = ['sleep', '600'];
const label = `dev.terrarium.bench=${process.pid}`;

const processSpec: SandboxSpecInput = { engine: 'process', source: { type: 'empty' }, command: program };
const dockerSpec: SandboxSpecInput = {
  engine: 'docker',
  source: { type: 'image', reference: TEST_IMAGE },
  command: program,
  network: { mode: 'none' },
};

/** Only the way to "running" counts, not the destroy after it. */
async function startMs(host: HostProcess, spec: SandboxSpecInput): Promise<number> {
  let id = '';
  const ms = await timed(async () => {
    id = await createSandbox(host, spec);
  });
  await host.client.sandboxes.destroy({ id });
  return ms;
}

async function cliRunMs(): Promise<number> {
  let id = '';
  const ms = await timed(async () => {
    id = await docker('run', '--detach', '--network', 'none', '--label', label, TEST_IMAGE, ...program);
  });
  await docker('rm', '--force', id);
  return ms;
}

export const starts: Benchmark = {
  figures: ['processStartMs', 'dockerStartMs', 'dockerCliRunMs'],
  needsBrowser: false,
  run: ({ signal }) =>
    withHost(async (host): Promise<Outcomes> => {
      const processStartMs = () => startMs(host, processSpec);
      const missing = await dockerMissing();
      if (missing !== null) {
        const samples = await byTurns(STARTS, signal, { processStartMs });
        return { ...toOutcomes(samples), ...missingOutcomes(['dockerStartMs', 'dockerCliRunMs'], missing) };
      }
      const dockerStartMs = () => startMs(host, dockerSpec);
      try {
        return toOutcomes(await byTurns(STARTS, signal, { processStartMs, dockerStartMs, dockerCliRunMs: cliRunMs }));
      } finally {
        await removeContainers(label);
      }
    }),
};

export const execs: Benchmark = {
  figures: ['execMs', 'dockerCliExecMs', 'execProcessMs'],
  needsBrowser: false,
  run: ({ signal }) =>
    withHost(async (host): Promise<Outcomes> => {
      const inProcess = await createSandbox(host, processSpec);
      const execProcessMs = () => timed(() => execute(host, inProcess, ['true']));
      const missing = await dockerMissing();
      if (missing !== null) {
        const samples = await byTurns(EXECS, signal, { execProcessMs });
        return { ...toOutcomes(samples), ...missingOutcomes(['execMs', 'dockerCliExecMs'], missing) };
      }
      const inDocker = await createSandbox(host, dockerSpec);
      const container = await docker('ps', '--quiet', '--filter', `label=dev.terrarium.id=${inDocker}`);
      const execMs = () => timed(() => execute(host, inDocker, ['true']));
      const dockerCliExecMs = () => timed(() => docker('exec', container, 'true'));
      return toOutcomes(await byTurns(EXECS, signal, { execMs, dockerCliExecMs, execProcessMs }));
    }),
};
