import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { dockerMissing, TEST_IMAGE } from '../testing/engine-truth.ts';
import { type HostProcess, makeHome, startHost } from '../testing/host-process.ts';
import { waitFor } from '../testing/wait-for.ts';
import { exitCodes, FAILED_TO_RUN } from './exit-codes.ts';
import { environmentOf, type Ran, terrarium } from './testing/terrarium.ts';

/** Nobody listens there. */
const NOWHERE = 'tcp://127.0.0.1:1';

let home: Awaited<ReturnType<typeof makeHome>>;
let host: HostProcess | null = null;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => home.remove());
beforeEach(async () => {
  host = await startHost(home.path, { env: { DOCKER_HOST: NOWHERE } });
  await docker('unreachable');
});
afterEach(() => host?.stop());

const run = (...args: string[]): Promise<Ran> => terrarium(args, { env: environmentOf(home.path) });
const docker = (status: string) =>
  waitFor(`Docker to be ${status}`, async () =>
    (await host?.client.engines.list({}))?.some((engine) => engine.kind === 'docker' && engine.status === status),
  );

/** One line of what is wrong, and one of what to do. */
function expectDown(ran: Ran, code: number = exitCodes.engine_unavailable): void {
  expect(ran).toEqual({ code, stdout: '', stderr: expect.stringMatching(/^terrarium: [^\n]*Docker[^\n]*\n[^\n]+\n$/) });
}

it('nothing is made on a daemon that is down', async () => {
  expectDown(await run('create', '--image', TEST_IMAGE));
  expectDown(await run('run', '--image', TEST_IMAGE, '--', 'true'), FAILED_TO_RUN);
  expect((await run('ls')).stdout).toMatch(/^ID .*\n$/);
});

it('doctor says what to do, and is content with the others', async () => {
  const { code, stdout, stderr } = await run('doctor');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^✗ docker [^\n]*127\.0\.0\.1:1[^\n]*\n {4}\S/m);
  expect(stdout).toMatch(/^✓ process/m);
  expect((await run('engines')).stdout).toMatch(/^docker +unreachable/m);
});

it('what was made before is still listed, and whatever needs the daemon says that it is down', async (ctx) => {
  const missing = await dockerMissing();
  if (missing !== null) ctx.skip(missing);
  const again = async (env: Readonly<Record<string, string>> = {}) => {
    await host?.stop();
    host = await startHost(home.path, { env });
  };
  await again();
  expect(await run('create', '--image', TEST_IMAGE, '--name', 'box', '--', 'sleep', '1000')).toMatchObject({ code: 0 });
  await again({ DOCKER_HOST: NOWHERE });
  await docker('unreachable');
  expect(JSON.parse((await run('ls', '--json')).stdout)).toMatchObject([{ name: 'box', engine: 'docker' }]);
  expect((await run('show', 'box')).code).toBe(0);
  expectDown(await run('exec', 'box', '--', 'true'), FAILED_TO_RUN);
  for (const command of ['stop', 'pause', 'rebuild', 'logs', 'rm']) {
    expectDown(await run(command, 'box'));
  }
  expectDown(await run('cp', 'box:/etc/passwd', '-'));
  await again();
  await docker('available');
  await waitFor('the container', async () => (await host?.client.sandboxes.list({}))?.[0]?.state === 'running');
  expect(await run('exec', 'box', '--', 'echo', 'back')).toEqual({ code: 0, stdout: 'back\n', stderr: '' });
  expect(await run('rm', 'box')).toMatchObject({ code: 0 });
}, 180_000);
