import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import { shell, show } from './support/sandboxes.ts';
import { expect, row, skipDocker, terminal, terminalLine, test, type } from './support/test.ts';

const run = promisify(execFile);
const image = { engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } } as const;

test.beforeEach(() => {
  test.skip(skipDocker !== null, skipDocker ?? '');
});

test("somebody else's container is marked, and entered only after a yes", async ({ app }) => {
  await using stack = new AsyncDisposableStack();
  const name = `somebodys-${randomBytes(4).toString('hex')}`;
  await run('docker', ['run', '--detach', '--name', name, TEST_IMAGE, 'sleep', '1000']);
  stack.defer(async () => {
    await run('docker', ['rm', '--force', name]);
  });

  await expect(row(app, name)).toContainText('not ours');
  await row(app, name).click();
  await app.getByRole('tab', { name: 'Console', exact: true }).click();
  const open = app.getByRole('button', { name: 'New console' }).first();
  const confirm = app.getByRole('alertdialog');
  await open.click();
  await expect(confirm).toContainText('Terrarium did not create this one');
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.getByText('No console open')).toBeVisible();
  await open.click();
  await confirm.getByRole('button', { name: 'Open console' }).click();
  await expect(terminal(app)).toContainText(/[$#] /);
  await type(app, 'echo inside-$((6*7))');
  await expect(terminalLine(app, 'inside-42')).toBeVisible();
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Running}}', name]);
  expect(stdout.trim()).toBe('true');
});

test('a published port is a link that answers', async ({ app, host, context }) => {
  const serve = shell('echo served by a sandbox > index.html; exec httpd -f -p 8080');
  const { ports } = await show(app, host, 'Overview', 'serves', {
    ...image,
    ...serve,
    ports: [{ port: 8080 }],
    network: { mode: 'full' },
  });
  const address = `http://127.0.0.1:${ports[0]?.hostPort}`;
  const link = app.getByRole('link', { name: address, exact: true });
  await expect(link).toHaveAttribute('href', address);
  const opened = context.waitForEvent('page');
  await link.click();
  await expect((await opened).locator('body')).toContainText('served by a sandbox');
});

test('charts of a container: network is measured, CPU and memory stand beside their limits', async ({ app, host }) => {
  await show(app, host, 'Stats', 'measured', {
    ...image,
    ...shell('exec sleep 1000'),
    limits: { memoryBytes: 64 * 1024 ** 2, cpuCores: 0.5 },
    network: { mode: 'full' },
  });
  await expect(app.getByRole('img', { name: /^Network, now [\d.]+ (B|KiB)\/s$/ })).toBeVisible();
  const chart = (title: string) =>
    app
      .locator('section')
      .filter({ has: app.getByRole('heading', { name: title }) })
      .last();
  await expect(chart('Memory')).toContainText(/Limit\s*64 MiB/);
  await expect(chart('CPU')).toContainText(/Limit\s*50 %/);
});
