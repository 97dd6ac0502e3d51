import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findTestPodman, IMAGE, type TestPodman } from '../electron/engines/podman/test-podman.ts';
import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import { createSandbox, execute, withHost } from './host.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 9;
/** Ends by itself, should the run be killed before it can clean up. */
const program = ['sleep', '600'];
const label = `dev.terrarium.bench=podman-${process.pid}`;
const spec: SandboxSpecInput = {
  engine: 'podman',
  source: { type: 'image', reference: IMAGE },
  command: program,
  network: { mode: 'none' },
};
const figures = [
  'podmanStartMs',
  'podmanCliRunMs',
  'podmanExecMs',
  'podmanCliExecMs',
  'podmanDestroyMs',
  'podmanCliRmMs',
] as const;

const run = promisify(execFile);

/** The podman command as people use it: without a service, on the same store. */
async function podman({ env }: TestPodman, ...args: readonly string[]): Promise<string> {
  return (await run('podman', args, { env: { ...process.env, ...env } })).stdout.trim();
}

/** Root's Podman through the host, beside the podman command. */
export const podmanBenchmark: Benchmark = {
  figures,
  needsBrowser: false,
  async run({ signal }): Promise<Outcomes> {
    const found = await findTestPodman();
    if (typeof found === 'string') return missingOutcomes(figures, found);
    return await withHost((host) => measure(host, found, signal), { CONTAINER_HOST: `unix://${found.socket}` });
  },
};

async function measure(host: HostProcess, found: TestPodman, signal: AbortSignal): Promise<Outcomes> {
  let [id, bare] = ['', ''];
  try {
    // One sandbox and one bare container a round go through their whole lives.
    const samples = await byTurns(ROUNDS, signal, {
      podmanStartMs: () =>
        timed(async () => {
          id = await createSandbox(host, spec);
        }),
      podmanCliRunMs: () =>
        timed(async () => {
          const options = ['--detach', '--init', '--network', 'none', '--label', label];
          bare = await podman(found, 'run', ...options, IMAGE, ...program);
        }),
      podmanExecMs: () => timed(() => execute(host, id, ['true'])),
      podmanCliExecMs: () => timed(() => podman(found, 'exec', bare, 'true')),
      podmanDestroyMs: () => timed(() => host.client.sandboxes.destroy({ id })),
      podmanCliRmMs: () => timed(() => podman(found, 'rm', '--force', '--time', '0', bare)),
    });
    return toOutcomes(samples);
  } finally {
    const left = (await podman(found, 'ps', '--all', '--quiet', '--filter', `label=${label}`))
      .split('\n')
      .filter(Boolean);
    if (left.length > 0) await podman(found, 'rm', '--force', '--time', '0', ...left);
  }
}
