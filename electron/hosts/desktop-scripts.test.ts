import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { environmentOf, type Ran, terrarium } from './cli/testing/terrarium.ts';
import { createConnection } from './client/connection.ts';
import { runApp } from './desktop/run-app.ts';
import { app, becomeReady, dialog, fake } from './desktop/testing/fake-electron.ts';
import { connect, createSandbox, exit, withApp } from './desktop/testing/with-app.ts';
import { openHome } from './home.ts';
import { readState, writeState } from './server/state-file.ts';
import { startHost } from './testing/host-process.ts';
import { waitFor } from './testing/wait-for.ts';

vi.mock('electron', () => import('./desktop/testing/fake-electron.ts'));

const { home, start, startWithClient } = withApp();
const run = (...args: string[]): Promise<Ran> => terrarium(args, { env: environmentOf(home()) });
const stateFile = () => join(home(), 'host.json');

test('what a script makes is in the window at once, and the other way round', async () => {
  const page = await startWithClient();
  const script = createConnection({ home: home() });
  expect((await script.client.system.info({})).hostKind).toBe('desktop');

  const changes = await page.sandboxes.watch({});
  await changes.next();
  const id = await createSandbox(script.client, 'scripted');
  for await (const change of changes) if (JSON.stringify(change).includes(id)) break;
  expect((await page.sandboxes.get({ id })).name).toBe('scripted');

  const other = await createSandbox(page, 'clicked');
  expect((await script.client.sandboxes.get({ id: other })).name).toBe('clicked');
  script.close();
  await Promise.all([id, other].map((each) => page.sandboxes.destroy({ id: each })));
});

test('the command line uses the host of the window, and starts no other', async () => {
  await startWithClient();
  const state = await readState(home());
  expect(state).toMatchObject({ pid: process.pid });
  expect((await stat(stateFile())).mode & 0o777).toBe(0o600);
  expect(await run('create', '--name', 'scripted')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('exec', 'scripted', '--', 'echo', 'hello')).toEqual({ code: 0, stdout: 'hello\n', stderr: '' });
  // A second host on that folder says where the first one is.
  expect(await run('serve')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`runs already, at http://127.0.0.1:${state?.port}/#token=`),
  });
  expect(await run('ls', '--no-daemon')).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('Another Terrarium'),
  });
  expect(await run('rm', 'scripted')).toMatchObject({ code: 0 });
  expect(await readState(home())).toEqual(state);
});

test('open shows a sandbox in the window, in front; or gives a link to its page', async () => {
  const page = await startWithClient();
  const [window] = fake.windows;
  if (window) window.minimised = true;
  const id = await createSandbox(page, 'shown');
  expect(await run('open', 'shown')).toEqual({ code: 0, stdout: 'It is in Terrarium’s window.\n', stderr: '' });
  expect(window).toMatchObject({ minimised: false, focused: 1 });
  expect(window?.webContents.url).toBe(`app://terrarium/#/${id}/overview`);
  expect(JSON.parse((await run('open', '--json')).stdout)).toEqual({ url: null });
  expect(window).toMatchObject({ focused: 2 });
  const unknown = page.system.show({ sandboxId: 'sbx_00000000000000000000' });
  await expect(unknown).rejects.toMatchObject({ data: { code: 'not_found' } });
  await page.sandboxes.destroy({ id });
});

test('it asks scripts for the token, and foreign pages away, as the web host does', async () => {
  await start();
  const { port, token } = (await readState(home())) ?? { port: 0, token: '' };
  const list = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${port}/api/v1/sandboxes`, { headers });
  expect((await list({})).status).toBe(401);
  expect((await list({ Authorization: 'Bearer nonsense' })).status).toBe(401);
  expect((await list({ Authorization: `Bearer ${token}`, Origin: 'https://evil.example' })).status).toBe(403);
  expect((await list({ Authorization: `Bearer ${token}` })).status).toBe(200);
});

test('nobody finds it any more when it has ended', async () => {
  await start();
  const { port } = (await readState(home())) ?? { port: 0 };
  const script = createConnection({ home: home() });
  await script.client.system.info({});
  app.quit();
  await exit();
  expect(existsSync(stateFile())).toBe(false);
  await expect(script.client.system.info({})).rejects.toMatchObject({ code: 'disconnected' });
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  openHome(home()).release();
});

test('where it cannot be reached by scripts, there is a window all the same, and it says so', async () => {
  // Where its state file would be.
  await mkdir(stateFile());
  const window = await start();
  window.webContents.emit('did-finish-load');
  const { client } = connect(window);
  const { notices } = await client.system.info({});
  expect(notices).toEqual([
    expect.stringMatching(/^Scripts, the command line and browsers cannot reach this Terrarium: /),
  ]);
  app.quit();
  await exit();
  expect(fake.calls).toContain('exit 0');
});

describe('a host without a window has the state folder', () => {
  afterEach(() => vi.restoreAllMocks());

  async function meet(answer: number) {
    const host = await startHost(home());
    fake.answer = answer;
    runApp();
    becomeReady();
    await waitFor('the question', async () => fake.questions.length === 1);
    expect(fake.questions[0]).toMatchObject({ message: 'Terrarium runs already, without a window', cancelId: 2 });
    return host;
  }

  test('and its page is opened in the browser', async () => {
    const host = await meet(0);
    await exit();
    expect(fake.calls).toContain('exit 0');
    expect(fake.opened).toEqual([expect.stringMatching(`^http://127.0.0.1:${host.port}/#token=`)]);
    expect(await redeems(fake.opened[0] ?? '')).toBe(true);
    expect(fake.windows).toEqual([]);
    await host.stop();
  });

  test('and is stopped for the window', async () => {
    const host = await meet(1);
    const window = await waitFor('the window', async () => fake.windows.at(-1));
    window.webContents.emit('did-finish-load');
    expect((await connect(window).client.system.info({})).hostKind).toBe('desktop');
    expect(await readState(home())).toMatchObject({ pid: process.pid });
    await host.stop();
  });

  test('and is gone when the user answers, its number another program’s', async () => {
    const host = await startHost(home());
    const state = await readState(home());
    if (!state) throw new Error('the host wrote no state file');
    const other = spawn('sleep', ['1000']);
    const kill = vi.spyOn(process, 'kill');
    vi.spyOn(dialog, 'showMessageBox').mockImplementationOnce(async () => {
      await host.kill();
      await writeState(home(), { ...state, pid: other.pid ?? 0 });
      return { response: 1, checkboxChecked: false };
    });
    await start();
    expect(kill).not.toHaveBeenCalledWith(other.pid, 'SIGTERM');
    expect(other.signalCode).toBeNull();
    other.kill();
  });

  test('and ends by itself just then', async () => {
    const host = await startHost(home());
    const { kill } = process;
    const ended = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
      if (pid !== host.pid || signal !== 'SIGTERM') return kill.call(process, pid, signal);
      kill.call(process, pid, 'SIGKILL');
      throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    });
    fake.answer = 1;
    await start();
    expect(ended).toHaveBeenCalledWith(host.pid, 'SIGTERM');
    expect(fake.errorBoxes).toEqual([]);
    await host.stop();
  });

  test('and nothing is done about it', async () => {
    const host = await meet(2);
    await exit();
    expect([fake.opened, fake.windows]).toEqual([[], []]);
    expect(await host.client.system.info({})).toMatchObject({ hostKind: 'web' });
    await host.stop();
  });
});

async function redeems(link: string): Promise<boolean> {
  const { origin, hash } = new URL(link);
  const body = JSON.stringify({ token: new URLSearchParams(hash.slice(1)).get('token') });
  return (await fetch(`${origin}/auth`, { method: 'POST', headers: { Origin: origin }, body })).ok;
}
