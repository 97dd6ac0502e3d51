import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openHome } from '../home.ts';
import { waitFor } from '../testing/wait-for.ts';
import { runApp } from './run-app.ts';
import { app, becomeReady, fake, sessionState } from './testing/fake-electron.ts';
import { connect, createSandbox, exit, hasExited, withApp } from './testing/with-app.ts';

vi.mock('electron', () => import('./testing/fake-electron.ts'));

const { home, start, startWithClient, forgetRun } = withApp();

/** Sandboxes go on without Terrarium: the next run finds this one as it was. */
async function expectItWentOn(id: string): Promise<void> {
  forgetRun();
  const client = await startWithClient();
  await waitFor('the sandbox', async () => (await client.sandboxes.get({ id })).state === 'running');
  await client.sandboxes.destroy({ id });
}

test('the window shows the page, with everything locked that Electron can lock', async () => {
  const window = await start();
  expect(window.webContents.url).toBe('app://terrarium/');
  expect(window.options.webPreferences).toEqual({
    preload: join(home(), 'dist/desktop/preload.cjs'),
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  });
  expect(fake.pages.has('app')).toBe(true);
  expect(fake.menu.length).toBeGreaterThan(2);
  expect(sessionState.request).not.toBeNull();
  expect(sessionState.check).not.toBeNull();
  // The port is the only way in: there is no other IPC whose sender would have to be checked.
  expect(fake.ipcListeners).toEqual([]);
});

test("Electron's own files and its lock belong to the state folder", async () => {
  await start();
  expect(fake.calls).toContain(`setPath userData ${join(home(), 'electron')}`);
});

test('the page speaks the contract over its port: a sandbox is made and is in the list', async () => {
  const client = await startWithClient();
  expect((await client.system.info({})).hostKind).toBe('desktop');
  const id = await createSandbox(client);
  expect((await client.sandboxes.list({})).map((sandbox) => sandbox.id)).toContain(id);
  await client.sandboxes.destroy({ id });
});

test('each load of the page gets a new port, and the old one is closed', async () => {
  const window = await start();
  window.webContents.emit('did-finish-load');
  const first = connect(window);
  await first.client.system.info({});
  window.webContents.emit('did-finish-load');
  await waitFor('the old port to close', async () => first.closed());
  expect((await connect(window).client.system.info({})).hostKind).toBe('desktop');
});

test.each(['https://example.com/', 'app://elsewhere/', 'app://terrarium/other.html', 'chrome-error://chromewebdata/'])(
  'a main frame that shows %s gets no port, and the old one is closed',
  async (url) => {
    const window = await start();
    window.webContents.emit('did-finish-load');
    const { closed } = connect(window);
    window.webContents.url = url;
    window.webContents.emit('did-finish-load');
    expect(window.webContents.given).toHaveLength(1);
    await waitFor('the port to close', async () => closed());
  },
);

test('nonsense on the port does not end the host', async () => {
  const window = await start();
  window.webContents.emit('did-finish-load');
  const { client } = connect(window);
  const { port } = window.webContents.given[0] ?? {};
  for (const nonsense of ['{', 7, null, { p: 'x' }, 'x'.repeat(10_000)]) port?.postMessage(nonsense);
  expect((await client.system.info({})).hostKind).toBe('desktop');
});

test('a second instance shows the first one and goes away', async () => {
  const window = await start();
  window.minimised = true;
  app.emit('second-instance');
  expect(window).toMatchObject({ minimised: false, shown: 1, focused: 1 });
  expect(fake.windows).toHaveLength(1);
});

test('without the lock it starts nothing', async () => {
  fake.singleInstance = false;
  runApp();
  becomeReady();
  expect(fake.calls).toContain('quit');
  expect(fake.windows).toEqual([]);
  // Nobody took the state folder either.
  openHome(home()).release();
});

test('a state folder that another host has is said in the user’s words', async () => {
  const other = openHome(home());
  vi.spyOn(console, 'error').mockReturnValue();
  runApp();
  becomeReady();
  await exit();
  other.release();
  expect(fake.calls).toContain('exit 1');
  expect(fake.errorBoxes[0]).toMatchObject({
    title: expect.stringContaining('Another Terrarium'),
    content: expect.stringContaining('TERRARIUM_HOME'),
  });
});

test('an installed app does not run without its sandbox, and says what to do', async () => {
  fake.isPackaged = true;
  fake.switches = ['no-sandbox'];
  vi.spyOn(console, 'error').mockReturnValue();
  runApp();
  becomeReady();
  await exit();
  expect(fake.calls).toEqual(expect.arrayContaining(['enableSandbox', 'exit 1']));
  expect(fake.windows).toEqual([]);
  expect(fake.errorBoxes[0]?.title).toContain('sandbox');
});

test('closing the window quits without a question when nothing would be lost', async () => {
  const window = await start();
  window.close();
  await exit();
  expect(fake.questions).toEqual([]);
  expect(fake.calls).toContain('exit 0');
  openHome(home()).release();
});

test('a program in a console is worth a question, and "Cancel" keeps all', async () => {
  const client = await startWithClient();
  const id = await createSandbox(client);
  const console = await client.consoles.open({ sandboxId: id });

  fake.answer = 1;
  app.quit();
  await waitFor('the question', async () => fake.questions.length === 1);
  expect(fake.questions[0]).toMatchObject({
    message: expect.stringContaining('a program'),
    buttons: ['Quit', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  expect((await client.consoles.list({})).map(({ id, exit }) => ({ id, exit }))).toEqual([
    { id: console.id, exit: null },
  ]);
  expect(hasExited()).toBe(false);

  fake.answer = 0;
  app.quit();
  await exit();
  expect(fake.questions).toHaveLength(2);
  await expectItWentOn(id);
});

test('a console whose program has ended is worth none', async () => {
  const client = await startWithClient();
  const id = await createSandbox(client);
  await client.consoles.open({ sandboxId: id, command: ['true'] });
  await waitFor('its end', async () => (await client.consoles.list({})).every((console) => console.exit !== null));
  app.quit();
  await exit();
  expect(fake.questions).toEqual([]);
  await expectItWentOn(id);
});

test('a signal ends it without a question', async () => {
  const client = await startWithClient();
  const id = await createSandbox(client);
  await client.consoles.open({ sandboxId: id });
  process.emit('SIGTERM', 'SIGTERM');
  await exit();
  expect(fake.questions).toEqual([]);
  await expectItWentOn(id);
});

test('the window opens where it was left', async () => {
  const first = await start();
  first.bounds = { x: 50, y: 60, width: 900, height: 700 };
  first.maximised = true;
  app.quit();
  await exit();
  forgetRun();
  const second = await start();
  expect(second).not.toBe(first);
  expect(second.options).toMatchObject({ x: 50, y: 60, width: 900, height: 700, show: false });
  second.emit('ready-to-show');
  expect(second).toMatchObject({ maximised: true, shown: 1 });
});

test('a page that crashes is loaded again, but not for ever', async () => {
  const { webContents } = await start();
  webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  expect(webContents.reloads).toBe(1);
  expect(await readFile(join(home(), 'log/host.log'), 'utf8')).toContain('the page crashed');
});
