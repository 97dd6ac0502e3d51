import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createNamespaceEngine } from '../electron/engines/namespace/namespace-engine.ts';
import { sandboxIdSchema } from '../shared/model/sandbox.ts';
import { sandboxSpecInputSchema, sandboxSpecSchema } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 15;
const run = promisify(execFile);
const figures = ['namespaceStartMs', 'bwrapMs', 'namespaceExecMs', 'namespaceDestroyMs'] as const;

/** The least that isolates and runs a program of this machine. */
const BARE = [
  ...['--unshare-all', '--die-with-parent', '--ro-bind', '/usr', '/usr'],
  ...['/bin', '/sbin', '/lib', '/lib64'].flatMap((path) => ['--ro-bind-try', path, path]),
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--', 'true'],
];

/** The engine itself is measured, without the way to it. */
export const namespace: Benchmark = {
  figures,
  needsBrowser: false,
  async run({ signal }): Promise<Outcomes> {
    const home = await mkdtemp(join(tmpdir(), 'terrarium-bench-'));
    const engine = createNamespaceEngine({ owner: 'bench', home });
    try {
      const { status, reason, capabilities } = await engine.probe();
      if (status !== 'available') return missingOutcomes(figures, reason ?? 'there is no such engine');
      const spec = sandboxSpecSchema.parse({
        ...sandboxSpecInputSchema.parse({ name: 'bench', engine: 'namespace', source: { type: 'empty' } }),
        ...capabilities.defaults,
        command: ['sleep', '600'],
      });
      let ref = '';
      const samples = await byTurns(ROUNDS, signal, {
        async namespaceStartMs() {
          const id = sandboxIdSchema.parse(`sbx_${randomBytes(8).toString('hex')}`);
          const directory = join(home, 'sandboxes', id);
          await mkdir(directory, { recursive: true });
          const request = { id, generation: 1, spec, directory, portRange: { first: 28_000, last: 28_999 } };
          ({ ref } = await engine.create(request, { signal, progress: () => undefined }));
          return timed(() => engine.start(ref));
        },
        bwrapMs: () => timed(() => run('bwrap', BARE)),
        namespaceExecMs: () =>
          timed(() => engine.exec(ref, { argv: ['true'], env: {} }, { signal, onOutput: () => undefined })),
        namespaceDestroyMs: () => timed(() => engine.destroy(ref)),
      });
      return toOutcomes(samples);
    } finally {
      for (const { ref } of await engine.list()) await engine.destroy(ref);
      await engine.dispose();
      await rm(home, { recursive: true, force: true });
    }
  },
};
