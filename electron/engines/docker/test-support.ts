import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Engine, EngineObject } from '../engine.ts';
import { createDockerEngine } from './docker-engine.ts';

const execute = promisify(execFile);

/** Made by `npm run provision`: Debian's static busybox and its applets. */
export const IMAGE = 'terrarium-test/busybox:latest';

/** Runs the docker command, as a user does beside Terrarium. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await execute('docker', args)).stdout.trim();
}

export function createTestEngine(owner: string): Engine {
  return createDockerEngine({ owner: `test ${owner}` });
}

/** Null when these tests can run, else the reason and the remedy. */
export async function available(): Promise<string | null> {
  const engine = createTestEngine('availability');
  try {
    const { status, reason, hint } = await engine.probe();
    if (status !== 'available') return `${reason ?? status}. ${hint ?? ''}`.trim();
    const images = (await engine.images?.list()) ?? [];
    return images.some(({ tags }) => tags.includes(IMAGE)) ? null : `no image ${IMAGE}; run: npm run provision`;
  } finally {
    await engine.dispose();
  }
}

export async function killOutside(object: EngineObject): Promise<void> {
  await docker('kill', object.ref);
}
