import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import { findOnPath } from './endpoint.ts';
import { createPodmanService } from './service.ts';
import type { TestPodman } from './test-podman.ts';

/** What Podman calls it: among others, or for all containers. */
type Place = 'known' | 'usual';

/** Podman's settings for tests, with gVisor as a runtime: the file, which goes when the test file's tests are over. */
export function settingsWithGvisor(settings: string, place: Place, options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-podman-runsc-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const script = join(folder, 'runsc');
  writeFileSync(script, `#!/bin/sh\nexec ${findGvisorProgram() ?? 'runsc'} ${options.join(' ')} "$@"\n`);
  chmodSync(script, 0o755);
  const file = join(folder, 'containers.conf');
  const before = readFileSync(settings, 'utf8');
  const chosen = place === 'usual' ? before.replace('runtime = "runc"', 'runtime = "runsc"') : before;
  writeFileSync(file, `${chosen}\n[engine.runtimes]\nrunsc = ["${script}"]\n`, { mode: 0o644 });
  return file;
}

/** Options with which gVisor works everywhere, see `gvisorArguments` of the provisioning. */
export const OFFLINE = ['--platform=ptrace', '--network=none'] as const;

/** Root's Podman over the same store, with settings of its own. Its service ends with the test file's tests. */
export async function serveWith(podman: TestPodman, settings: string): Promise<TestPodman> {
  const env = { ...podman.env, CONTAINERS_CONF: settings };
  // With it podman would be a client of another's service.
  const { CONTAINER_HOST: _, ...inherited } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-podman-service-'));
  const service = createPodmanService({
    program: findOnPath('podman', process.env) ?? 'podman',
    folder,
    env: { ...inherited, ...env },
    log: pino({ enabled: false }),
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...podman, env, socket: await service.ensure() };
}

const findGvisorProgram = () => findOnPath('runsc', process.env);
export const hasGvisor = (): boolean => findGvisorProgram() !== null;
