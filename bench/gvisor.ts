import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import { docker, removeContainers } from './docker.ts';
import { createSandbox, execute, withHost } from './host.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 9;
const RUNTIME = 'runsc';
/** Ends by itself, should the run be killed before it can clean up. */
const program = ['sleep', '600'];
const label = `dev.terrarium.bench=gvisor-${process.pid}`;

const spec: SandboxSpecInput = {
  engine: 'docker',
  source: { type: 'image', reference: TEST_IMAGE },
  runtime: RUNTIME,
  command: program,
  network: { mode: 'none' },
};
const figures = ['runscStartMs', 'runscMs', 'runscExecMs', 'runscCliExecMs', 'runscDestroyMs'] as const;

/** Docker with gVisor through the host, beside the docker command with the same runtime. */
export const gvisor: Benchmark = {
  figures,
  needsBrowser: false,
  run: ({ signal }) =>
    withHost(async (host): Promise<Outcomes> => {
      const report = await host.client.engines.probe({ kind: 'docker' });
      if (!report.runtimes.some(({ name }) => name === RUNTIME)) {
        const why = report.reason ?? report.facts[`runtime ${RUNTIME}`] ?? `Docker has no runtime ${RUNTIME}`;
        return missingOutcomes(figures, why);
      }
      let [id, bare] = ['', ''];
      try {
        // One sandbox and one bare container a round go through their whole lives.
        const samples = await byTurns(ROUNDS, signal, {
          runscStartMs: () =>
            timed(async () => {
              id = await createSandbox(host, spec);
            }),
          runscMs: () =>
            timed(async () => {
              const options = ['--detach', '--runtime', RUNTIME, '--network', 'none', '--label', label];
              bare = await docker('run', ...options, TEST_IMAGE, ...program);
            }),
          runscExecMs: () => timed(() => execute(host, id, ['true'])),
          async runscCliExecMs() {
            const ms = await timed(() => docker('exec', bare, 'true'));
            await docker('rm', '--force', bare);
            return ms;
          },
          runscDestroyMs: () => timed(() => host.client.sandboxes.destroy({ id })),
        });
        return toOutcomes(samples);
      } finally {
        await removeContainers(label);
      }
    }),
};
