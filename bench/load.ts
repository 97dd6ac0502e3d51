import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { createNamespaceEngine } from '../electron/engines/namespace/namespace-engine.ts';
import { connect, type Sandbox, type Terrarium } from '../electron/hosts/client/index.ts';
import { dockerMissing, TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import { mixedWork } from '../electron/hosts/testing/mixed-work.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcome, type Outcomes } from './benchmark.ts';
import { docker, removeContainers } from './docker.ts';
import type { FigureName } from './figures.ts';
import { withHost } from './host.ts';
import { timed } from './measure.ts';

/** Programs at once, each with a connection of its own. */
const CLIENTS = 50;
const SECONDS = 10;
/** For the mix of everything, of which one round takes seconds. */
const MIXED_SECONDS = 30;

const execute = promisify(execFile);

interface Load {
  readonly execs: FigureName;
  /** The same by the bare tool, as often at once; undefined where there is none. */
  readonly bare?: FigureName;
  readonly prepareBare?: () => Promise<() => Promise<unknown>>;
  readonly creations: FigureName;
  /** Commands, files and sandboxes mixed, see `mixedWork`. */
  readonly mixed: FigureName;
  /** Takes away what the bare tool left. */
  readonly clear?: () => Promise<void>;
  readonly spec: Pick<SandboxSpecInput, 'engine' | 'source' | 'network'>;
}

/** Everybody does their work again and again until the time is up. Gives what each piece took. */
async function atOnce<T>(
  all: readonly T[],
  work: (one: T) => Promise<unknown>,
  signal: AbortSignal,
  seconds = SECONDS,
): Promise<Outcome> {
  const taken: number[] = [];
  const start = performance.now();
  const keepOn = async (one: T) => {
    while (performance.now() - start < seconds * 1000) {
      signal.throwIfAborted();
      taken.push(await timed(() => work(one)));
    }
  };
  await Promise.all(all.map(keepOn));
  const taking = (performance.now() - start) / 1000;
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return {
    samples: [taken.length / taking],
    notes: { clients: CLIENTS, seconds: Math.round(taking), count: taken.length, p50Ms: at(0.5), p99Ms: at(0.99) },
  };
}

async function measure(
  host: HostProcess,
  { execs, bare, prepareBare, creations, mixed, spec }: Load,
  signal: AbortSignal,
): Promise<Outcomes> {
  const address = { port: host.port, token: host.token };
  const clients = Array.from({ length: CLIENTS }, (): Terrarium => connect(address));
  const sandboxes: Sandbox[] = [];
  for (const client of clients) sandboxes.push(await client.create(spec));
  const run = async (sandbox: Sandbox) => {
    const { exitCode } = await sandbox.exec(['true']);
    if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
  };
  const execed = await atOnce(sandboxes, run, signal);
  const runBare = await prepareBare?.();
  const bareRun = runBare ? await atOnce(clients, runBare, signal) : undefined;
  for (const sandbox of sandboxes) await sandbox.kill();
  const come = async (client: Terrarium) => {
    await using _sandbox = await client.create(spec);
  };
  const created = await atOnce(clients, come, signal);
  const numbered = clients.map((client, number) => ({ client, owner: `client-${number}` }));
  const mixture = await atOnce(numbered, ({ client, owner }) => mixedWork(client, spec, owner), signal, MIXED_SECONDS);
  for (const client of clients) client.close();
  return { [execs]: execed, [creations]: created, [mixed]: mixture, ...(bare && bareRun ? { [bare]: bareRun } : {}) };
}

function load(all: Load, missing: () => Promise<string | null>): Benchmark {
  const figures = [all.execs, ...(all.bare ? [all.bare] : []), all.creations, all.mixed];
  return {
    figures,
    needsBrowser: false,
    async run({ signal }) {
      const reason = await missing();
      if (reason !== null) return missingOutcomes(figures, reason);
      try {
        return await withHost((host) => measure(host, all, signal));
      } finally {
        await all.clear?.();
      }
    },
  };
}

const label = `dev.terrarium.bench-load=${process.pid}`;

export const loads: readonly Benchmark[] = [
  load(
    {
      execs: 'execPerSecondProcess',
      bare: 'spawnPerSecond',
      prepareBare: async () => () => execute('true'),
      creations: 'createDestroyPerSecondProcess',
      mixed: 'mixedPerSecondProcess',
      spec: { engine: 'process', source: { type: 'empty' } },
    },
    async () => null,
  ),
  load(
    {
      execs: 'execPerSecondNamespace',
      creations: 'createDestroyPerSecondNamespace',
      mixed: 'mixedPerSecondNamespace',
      spec: { engine: 'namespace', source: { type: 'empty' } },
    },
    async () => {
      const { status, reason } = await createNamespaceEngine({ owner: 'bench', home: tmpdir() }).probe();
      return status === 'available' ? null : (reason ?? status);
    },
  ),
  load(
    {
      execs: 'execPerSecondDocker',
      bare: 'dockerCliExecPerSecond',
      async prepareBare() {
        const id = await docker(
          'run',
          '--detach',
          '--rm',
          '--network',
          'none',
          '--label',
          label,
          TEST_IMAGE,
          'sleep',
          '600',
        );
        return () => docker('exec', id, 'true');
      },
      clear: () => removeContainers(label),
      creations: 'createDestroyPerSecondDocker',
      mixed: 'mixedPerSecondDocker',
      spec: { engine: 'docker', source: { type: 'image', reference: TEST_IMAGE }, network: { mode: 'none' } },
    },
    dockerMissing,
  ),
];
