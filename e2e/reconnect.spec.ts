import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { expect, openPage, row, test } from './support/test.ts';

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
  await expect(page.getByRole('button', { name: 'New sandbox' })).toHaveCount(0);
  await stranger.close();
});
