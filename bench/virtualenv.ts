import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createInterpreters } from '../electron/engines/virtualenv/interpreters.ts';
import type { SandboxSpecInput } from '../shared/model/spec.ts';
import { type Benchmark, missingOutcomes, type Outcomes, toOutcomes } from './benchmark.ts';
import { createSandbox, execute, withHost } from './host.ts';
import { byTurns, timed } from './measure.ts';

const ROUNDS = 11;
const run = promisify(execFile);

const spec: SandboxSpecInput = { engine: 'virtualenv', source: { type: 'empty' }, command: ['sleep', '600'] };
const figures = ['virtualenvStartMs', 'venvMs', 'virtualenvExecMs', 'virtualenvDestroyMs'] as const;

export const virtualenv: Benchmark = {
  figures,
  needsBrowser: false,
  run: ({ signal }) =>
    withHost(async (host): Promise<Outcomes> => {
      const report = (await host.client.engines.list({})).find(({ kind }) => kind === 'virtualenv');
      if (report?.status !== 'available') return missingOutcomes(figures, report?.reason ?? 'there is no such engine');
      const { path } = await createInterpreters().choose(undefined);
      const folder = await mkdtemp(join(tmpdir(), 'terrarium-bench-'));
      const bare = join(folder, 'venv');
      let id = '';
      try {
        // One sandbox a round goes through its whole life.
        const samples = await byTurns(ROUNDS, signal, {
          virtualenvStartMs: () =>
            timed(async () => {
              id = await createSandbox(host, spec);
            }),
          virtualenvExecMs: () => timed(() => execute(host, id, ['true'])),
          virtualenvDestroyMs: () => timed(() => host.client.sandboxes.destroy({ id })),
          async venvMs() {
            const ms = await timed(() => run(path, ['-m', 'venv', '--without-pip', bare]));
            await rm(bare, { recursive: true });
            return ms;
          },
        });
        return toOutcomes(samples);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
};
