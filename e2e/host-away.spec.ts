import type { Page } from '@playwright/test';
import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { make } from './support/sandboxes.ts';
import { expect, openPage, row, test } from './support/test.ts';

/** Until everything that the page loads ahead is there. */
const partsLoaded = (page: Page) =>
  page.waitForFunction(() => performance.getEntriesByName('terrarium:parts').length > 0);

test('what was not opened yet opens while the host is away: every dialog and every tab', async ({ page }) => {
  await using stack = new AsyncDisposableStack();
  const home = await makeHome();
  stack.defer(home.remove);
  const host = await startHost(home.path);
  stack.defer(host.kill);
  const { id } = await make(host.client, 'here');
  await openPage(page, host.link);
  await expect(row(page, 'here')).toContainText('Running');
  await partsLoaded(page);

  await host.kill();
  await expect(page.getByRole('contentinfo')).toContainText('Reconnecting');
  await page.keyboard.press('n');
  await expect(page.getByRole('dialog', { name: 'New sandbox' })).toBeVisible();
  await page.keyboard.press('Escape');
  // Enter straight after: the palette is there before the key that follows.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('keyboard short');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await row(page, 'here').click();
  for (const tab of ['Console', 'Logs', 'Stats', 'Inspect', 'Events']) {
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await expect(page.getByRole('tab', { name: tab, exact: true })).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByText('A part of the page could not be loaded')).toHaveCount(0);
  }
  await expect(row(page, 'here')).toBeVisible();

  const again = await startHost(home.path, { port: host.port });
  stack.defer(again.stop);
  await again.client.sandboxes.destroy({ id });
});

test('a part that does not come leaves the page alone, and comes by itself when the host is back', async ({ page }) => {
  await using stack = new AsyncDisposableStack();
  const home = await makeHome();
  stack.defer(home.remove);
  const host = await startHost(home.path);
  stack.defer(host.kill);
  const { id } = await make(host.client, 'here');
  // Before the page had time to load it ahead.
  await page.route(/create-dialog|consoles-/, (route) => route.abort());
  await openPage(page, host.link);
  await row(page, 'here').click();
  await host.kill();
  await expect(page.getByRole('contentinfo')).toContainText('Reconnecting');
  const failed = 'A part of the page could not be loaded';
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(failed);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('tab', { name: 'Console' }).click();
  await expect(page.getByRole('tabpanel')).toContainText(failed);
  await expect(row(page, 'here')).toBeVisible();

  await page.unroute(/create-dialog|consoles-/);
  const again = await startHost(home.path, { port: host.port });
  stack.defer(again.stop);
  await expect(page.getByRole('button', { name: 'New console' }).first()).toBeVisible({ timeout: 15_000 });
  await row(page, 'here').press('n');
  await expect(page.getByRole('dialog', { name: 'New sandbox' })).toBeVisible();
  await again.client.sandboxes.destroy({ id });
});
