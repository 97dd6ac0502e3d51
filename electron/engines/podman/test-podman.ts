import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

const execute = promisify(execFile);

/** Made by `npm run provision`: Debian's static busybox and its applets. */
export const IMAGE = 'terrarium-test/busybox:latest';

const testPodmanSchema = z.object({
  /** Of root's service. */
  socket: z.string(),
  /** With which root's podman command finds the same store. */
  env: z.record(z.string(), z.string()),
  /** An ordinary user with ids for containers and a store of its own with the test image. */
  user: z.object({
    name: z.string(),
    uid: z.number(),
    gid: z.number(),
    home: z.string(),
    env: z.record(z.string(), z.string()),
  }),
});
export type TestPodman = z.infer<typeof testPodmanSchema>;

/** Where `npm run provision` writes what it made; `npm test` names another place. */
const DEFAULT_FILE = '/var/lib/terrarium-test/podman/podman.json';

/** What provisioning made, or why these tests cannot run and what to do. */
export async function findTestPodman(): Promise<TestPodman | string> {
  const path = process.env.TERRARIUM_TEST_PODMAN ?? DEFAULT_FILE;
  const remedy = 'run as root: npm run provision';
  try {
    const found = testPodmanSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    await podmanOf(found, 'version');
    return found;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
    return `no Podman for tests (${reason}); ${remedy}`;
  }
}

/** Root's podman command, talking to root's service as a user does beside Terrarium. */
export async function podmanOf({ socket, env }: TestPodman, ...args: readonly string[]): Promise<string> {
  const options = { env: { ...process.env, ...env } };
  return (await execute('podman', ['--remote', '--url', `unix://${socket}`, ...args], options)).stdout.trim();
}

/**
 * This very process becomes the ordinary user, for good: a test file has a process of its own. What
 * it needs of the checkout must be loaded before, as that may be in a folder that only root enters.
 */
export function becomeUser({ user }: TestPodman): void {
  if (process.getuid?.() !== 0) return;
  for (const name of Object.keys(process.env)) {
    if (/^(?:CONTAINER|XDG_|DOCKER_|SUDO_)/.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, user.env);
  process.setgroups?.([user.gid]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
  process.chdir(user.home);
}

/** The podman command of whoever this process is by now. */
export async function userPodman(...args: readonly string[]): Promise<string> {
  return (await execute('podman', args)).stdout.trim();
}
