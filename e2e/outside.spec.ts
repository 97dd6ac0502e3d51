import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { createSecondDaemon, secondDaemonMissing } from './support/second-daemon.ts';
import { expect, openPage, row, skipDocker, test } from './support/test.ts';

// The design's promise for what happens outside while the page is open.
const WITHIN = { timeout: 2000 };

test('what others do to containers, and to the daemon itself, shows on the open page', async ({ page }) => {
  test.skip(skipDocker !== null, skipDocker ?? '');
  test.skip(secondDaemonMissing !== null, secondDaemonMissing ?? '');

  await using stack = new AsyncDisposableStack();
  const daemon = await createSecondDaemon();
  stack.defer(daemon.remove);
  const home = await makeHome();
  stack.defer(home.remove);
  const host = await startHost(home.path, { env: { DOCKER_HOST: daemon.address } });
  stack.defer(host.stop);

  for (const name of ['killed', 'removed', 'kept']) {
    const spec = { engine: 'docker', name, source: { type: 'image', reference: TEST_IMAGE } } as const;
    for await (const item of await host.client.sandboxes.create({ spec })) void item;
  }
  const idOf = async (name: string) =>
    (await host.client.sandboxes.list({})).find((sandbox) => sandbox.name === name)?.id;
  const containerOf = async (name: string) =>
    daemon.docker('ps', '-aq', '--filter', `label=dev.terrarium.id=${await idOf(name)}`);
  await openPage(page, host.link);
  await expect(row(page, 'kept')).toContainText('Running');

  const notice = page.getByRole('status').filter({ hasText: 'Docker: Unreachable' });

  await test.step('docker kill', async () => {
    await daemon.docker('kill', await containerOf('killed'));
    await expect(row(page, 'killed')).toContainText('Stopped', WITHIN);
    await row(page, 'killed').click();
    await page.getByRole('tab', { name: 'Events' }).click();
    await expect(page.getByRole('tabpanel', { name: 'Events' })).toContainText('137, SIGKILL', WITHIN);
  });

  await test.step('docker rm -f', async () => {
    await daemon.docker('rm', '-f', await containerOf('removed'));
    await expect(row(page, 'removed')).toContainText('Lost', WITHIN);
    await row(page, 'removed').click();
    await page.getByRole('tab', { name: 'Events' }).click();
    await expect(page.getByRole('tabpanel', { name: 'Events' })).toContainText('Removed outside Terrarium', WITHIN);
  });

  await test.step('docker run: a foreign container appears, marked as not ours, and goes', async () => {
    await daemon.docker('run', '-d', '--network', 'none', '--name', 'stranger', TEST_IMAGE, 'sleep', '1000');
    await expect(row(page, 'stranger')).toContainText('not ours', WITHIN);
    await daemon.docker('rm', '-f', 'stranger');
    await expect(row(page, 'stranger')).toHaveCount(0, WITHIN);
  });

  await test.step('the daemon stops: unreachable, with the reason, and nothing vanishes from the list', async () => {
    await daemon.stop();
    await expect(notice).toBeVisible(WITHIN);
    await expect(notice).toContainText(daemon.address.replace('unix://', ''));
    await expect(row(page, 'kept')).toBeVisible();
  });

  await test.step('the daemon is back: everything is right again, without a restart of the app', async () => {
    await daemon.start();
    await expect(notice).toHaveCount(0, WITHIN);
    await expect(row(page, 'kept')).toContainText('Stopped', WITHIN);
    await host.client.sandboxes.start({ id: (await idOf('kept')) ?? '' });
    await expect(row(page, 'kept')).toContainText('Running', WITHIN);
  });

  for (const { id } of await host.client.sandboxes.list({})) await host.client.sandboxes.destroy({ id });
  expect(await daemon.docker('ps', '-aq')).toBe('');
});
