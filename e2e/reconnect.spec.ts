import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { make } from './support/sandboxes.ts';
import { expect, openConsole, openPage, row, terminalLine, test, type } from './support/test.ts';

test('the host is killed and started again: the page says so, comes back by itself and is right', async ({ page }) => {
  await using stack = new AsyncDisposableStack();
  const home = await makeHome();
  stack.defer(home.remove);
  const host = await startHost(home.path);
  stack.defer(host.kill);
  for (const name of ['stays', 'goes']) {
    const spec = { engine: 'process', name, source: { type: 'empty' } } as const;
    for await (const item of await host.client.sandboxes.create({ spec })) void item;
  }
  await openPage(page, host.link);
  await expect(row(page, 'stays')).toContainText('Running');

  await host.kill();
  await expect(page.getByRole('contentinfo')).toContainText('Reconnecting');

  const again = await startHost(home.path, { port: host.port });
  stack.defer(again.stop);
  const idOf = async (name: string) =>
    (await again.client.sandboxes.list({})).find((sandbox) => sandbox.name === name)?.id ?? '';
  await again.client.sandboxes.destroy({ id: await idOf('goes') });
  await expect(page.getByRole('contentinfo')).toContainText('Connected', { timeout: 15_000 });
  await expect(row(page, 'goes')).toHaveCount(0);
  await expect(row(page, 'stays')).toContainText('Running');
  await again.client.sandboxes.destroy({ id: await idOf('stays') });
});

test('a page without a link is told what to do, and a used link does not let a second browser in', async ({
  host,
  app,
  browser,
}) => {
  await expect(app.getByRole('button', { name: 'New sandbox' }).first()).toBeVisible();
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await page.goto(host.link);
  await expect(page.getByText('npm start')).toBeVisible();
  await expect(page.getByText('it prints a new link')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New sandbox' })).toHaveCount(0);
  await stranger.close();
});

test('a reload comes back to the sandbox and its tab; back goes to what was looked at before', async ({
  app,
  host,
}) => {
  await make(host.client, 'one');
  await make(host.client, 'two');
  await row(app, 'one').click();
  const tab = (name: string) => app.getByRole('tab', { name, exact: true });
  const title = (name: string) => app.getByRole('heading', { name, level: 2 });
  await openConsole(app);
  await type(app, 'echo before-$((40+2))');
  await expect(terminalLine(app, 'before-42')).toBeVisible();
  await app.reload();
  await expect(terminalLine(app, 'before-42')).toBeVisible();
  await expect(title('one')).toBeVisible();
  await expect(row(app, 'one')).toHaveAttribute('aria-selected', 'true');

  await row(app, 'two').click();
  await expect(title('two')).toBeVisible();
  await app.goBack();
  await expect(title('one')).toBeVisible();
  await app.goForward();
  await expect(title('two')).toBeVisible();
  await expect(tab('Console')).toHaveAttribute('aria-selected', 'true');
  // A link that is opened over the page is still taken, and does not stay in the address.
  await app.goto(host.link);
  await expect(row(app, 'two')).toBeVisible();
  expect(app.url()).not.toContain('token');
});
