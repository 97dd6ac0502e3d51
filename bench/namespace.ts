import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createNamespaceEngine } from '../electron/engines/namespace/namespace-engine.ts';
import { capabilitiesFor } from '../shared/model/engine.ts';
import { sandboxIdSchema } from '../shared/model/sandbox.ts';
import { type SandboxSpecInput, sandboxSpecInputSchema, sandboxSpecSchema } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import type { FigureName } from './figures.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 15;
const run = promisify(execFile);

/** The least that isolates and runs a program of this machine. */
const BARE = [
  ...['--unshare-all', '--die-with-parent', '--ro-bind', '/usr', '/usr'],
  ...['/bin', '/sbin', '/lib', '/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--', 'true'],
];

/** What is measured of one runtime of the engine. */
export interface NamespaceFigures {
  readonly start: FigureName;
  /** The bare tool: makes the least sandbox, runs `true` in it, and ends. */
  readonly bare: FigureName;
  readonly exec: FigureName;
  readonly destroy: FigureName;
}

/** The engine itself is measured, without the way to it. `prepareBare`: gives what runs the bare tool once. */
export function benchmarkNamespace(
  { start, bare, exec, destroy }: NamespaceFigures,
  runtime: Pick<SandboxSpecInput, 'runtime'>,
  prepareBare: (folder: string) => Promise<() => Promise<unknown>>,
): Benchmark {
  const figures = [start, bare, exec, destroy];
  return {
    figures,
    needsBrowser: false,
    async run({ signal }): Promise<Outcomes> {
      const home = await mkdtemp(join(tmpdir(), 'terrarium-bench-'));
      const engine = createNamespaceEngine({ owner: 'bench', home });
      try {
        const { status, reason, facts, ...offer } = await engine.probe();
        const capabilities = capabilitiesFor(offer, runtime.runtime);
        if (status !== 'available' || !capabilities) {
          return missingOutcomes(figures, reason ?? facts[`runtime ${runtime.runtime}`] ?? 'there is no such engine');
        }
        const input = sandboxSpecInputSchema.parse({ engine: 'namespace', source: { type: 'empty' }, ...runtime });
        const { defaults } = capabilities;
        const spec = sandboxSpecSchema.parse({ name: 'bench', ...defaults, ...input, command: ['sleep', '600'] });
        const runBare = await prepareBare(home);
        let ref = '';
        const samples = await byTurns(ROUNDS, signal, {
          async [start]() {
            const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
            const directory = join(home, 'sandboxes', id);
            await mkdir(directory, { recursive: true });
            const request = { id, generation: 1, spec, directory, portRange: { first: 28_000, last: 28_999 } };
            ({ ref } = await engine.create(request, { signal, progress: () => undefined }));
            return timed(() => engine.start(ref));
          },
          [bare]: () => timed(runBare),
          [exec]: () =>
            timed(() => engine.exec(ref, { argv: ['true'], env: {} }, { signal, onOutput: () => undefined })),
          [destroy]: () => timed(() => engine.destroy(ref)),
        });
        return toOutcomes(samples);
      } finally {
        for (const { ref } of await engine.list()) await engine.destroy(ref);
        await engine.dispose();
        await rm(home, { recursive: true, force: true });
      }
    },
  };
}

export const namespace = benchmarkNamespace(
  { start: 'namespaceStartMs', bare: 'bwrapMs', exec: 'namespaceExecMs', destroy: 'namespaceDestroyMs' },
  {},
  async () => () => run('bwrap', BARE),
);
