import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Source } from '../../../shared/model/spec.ts';

const run = promisify(execFile);

/** Made by `npm run provision`. */
export const TEST_IMAGE = 'terrarium-test/busybox:latest';

/** An engine as these tests use it, and the ids of what it really has, seen without Terrarium. */
export interface EngineTruth {
  readonly engine: 'process' | 'virtualenv' | 'namespace' | 'docker';
  readonly source: Source;
  readonly ids: (home: string) => Promise<readonly string[]>;
}

export const processTruth: EngineTruth = {
  engine: 'process',
  source: { type: 'empty' },
  ids: async (home) => (await readdir(join(home, 'sandboxes'))).sort(),
};

export const virtualenvTruth: EngineTruth = { ...processTruth, engine: 'virtualenv' };

export const namespaceTruth: EngineTruth = { ...processTruth, engine: 'namespace' };

export const dockerTruth: EngineTruth = {
  engine: 'docker',
  source: { type: 'image', reference: TEST_IMAGE },
  async ids(home) {
    const owner = (await readFile(join(home, 'owner'), 'utf8')).trim();
    const filter = `label=dev.terrarium.owner=${owner}`;
    const { stdout } = await run('docker', [
      'ps',
      '--all',
      '--filter',
      filter,
      '--format',
      '{{.Label "dev.terrarium.id"}}',
    ]);
    return stdout.split('\n').filter(Boolean).sort();
  },
};

/** Null when Docker and the test image are there; else why not, and what to do. */
export async function dockerMissing(): Promise<string | null> {
  try {
    await run('docker', ['image', 'inspect', TEST_IMAGE], { timeout: 10_000 });
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return `Docker or its test image is missing (${reason}); run: npm run provision`;
  }
}
