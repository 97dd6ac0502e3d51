import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { makeHome } from '../electron/hosts/testing/host-process.ts';
import { buildDesktop } from './build-desktop.ts';
import { runCommand } from './lib/command.ts';

const root = join(import.meta.dirname, '..');
const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);

beforeAll(async () => {
  await buildDesktop();
});

it('is whole: it opens its window, and serves all that scripts ask for', async () => {
  const home = await makeHome();
  // `electron` is found in Electron's own binary only.
  const program = `
    import { readFile } from 'node:fs/promises';
    import { registerHooks } from 'node:module';
    import { setTimeout as sleep } from 'node:timers/promises';
    registerHooks({
      resolve: (name, context, next) =>
        name === 'electron' ? { url: ${url('electron/hosts/desktop/testing/fake-electron.ts')}, shortCircuit: true } : next(name, context),
    });
    const { app, becomeReady, fake } = await import('electron');
    fake.appPath = ${JSON.stringify(root)};
    await import(${url('dist/desktop/main.js')});
    becomeReady();
    while (fake.windows.length === 0 && fake.errorBoxes.length === 0) await sleep(20);
    const { port, token } = JSON.parse(await readFile(process.env.TERRARIUM_HOME + '/host.json', 'utf8'));
    const headers = { Authorization: 'Bearer ' + token };
    for (const path of ['/api/v1/system', '/api/v1/openapi.json', '/api/v1/docs', '/api/v1/docs/swagger-ui.css']) {
      const { status } = await fetch('http://127.0.0.1:' + port + path, { headers });
      console.log(path, status);
    }
    app.quit();
    while (!fake.calls.includes('exit 0')) await sleep(20);
    console.log('ended');
    process.exit();`;
  const file = join(home.path, 'program.mjs');
  await writeFile(file, program);
  const env = { ...process.env, TERRARIUM_HOME: home.path };
  const { code, stdout, stderr } = await runCommand(process.execPath, [file], { env });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: '/api/v1/system 200\n/api/v1/openapi.json 200\n/api/v1/docs 200\n/api/v1/docs/swagger-ui.css 200\nended\n',
    stderr: '',
  });
  await home.remove();
}, 240_000);
