import { environmentOf, terrarium } from '../electron/hosts/cli/testing/terrarium.ts';
import { expect, openPage, test } from './support/test.ts';

test('the link of "terrarium open" shows the sandbox, once', async ({ host, home, page, browser }) => {
  const spec = (name: string) => ({ engine: 'process', name, source: { type: 'empty' } }) as const;
  const { id } = await host.client.sandboxes.createAndWait({ spec: spec('looked-at') });
  await host.client.sandboxes.createAndWait({ spec: spec('another') });
  const ran = await terrarium(['open', 'looked-at', '--no-browser'], { env: environmentOf(home) });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  const link = ran.stdout.trim();

  await openPage(page, link);
  await expect(page).toHaveURL(`http://127.0.0.1:${host.port}/#/${id}/overview`);
  await expect(page.getByRole('heading', { name: 'looked-at' })).toBeVisible();

  // Another browser with the same link is not let in.
  const stranger = await browser.newPage();
  await stranger.goto(link);
  await expect(stranger.getByText(/from its link/i)).toBeVisible();
  await expect(stranger.getByText('looked-at')).toHaveCount(0);
  await stranger.close();
});
