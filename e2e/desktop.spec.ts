import { _electron, type ElectronApplication } from '@playwright/test';
import { startHost } from '../electron/hosts/testing/host-process.ts';
import { buildDesktop } from '../scripts/build-desktop.ts';
import { hasDisplay } from '../scripts/start/choose-host.ts';
import { electronPackage, findElectron } from '../scripts/start/electron-binary.ts';
import { expect, row, test } from './support/test.ts';

const program = findElectron();
const root = new URL('..', import.meta.url).pathname;

// The tag is that of scripts/testing/skip-policy.ts.
test.skip(program === null, `[electron-binary] Electron's binary is not there: ${electronPackage} has none`);
test.skip(process.platform === 'linux' && !hasDisplay(process.env), 'there is no display for a window');

test.beforeAll(async () => {
  await buildDesktop();
});

async function launch(home: string): Promise<ElectronApplication> {
  const env = Object.entries({ ...process.env, TERRARIUM_HOME: home }).filter((entry) => entry[1] !== undefined);
  return _electron.launch({
    executablePath: program ?? '',
    args: [root],
    env: Object.fromEntries(env) as Record<string, string>,
    // Chromium's own sandbox does not work as root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/** What a failed test left: another host on the same state folder takes it away. */
async function destroyAll(home: string): Promise<void> {
  const host = await startHost(home);
  for (const { id, foreign } of await host.client.sandboxes.list({})) {
    if (!foreign) await host.client.sandboxes.destroy({ id });
  }
  await host.stop();
}

test('the desktop app makes a sandbox and shows it in the list', async ({ home }) => {
  const app = await launch(home);
  try {
    const page = await app.firstWindow();
    expect(page.url()).toBe('app://terrarium/');
    expect(await page.evaluate(() => ['require', 'process', 'module'].filter((name) => name in globalThis))).toEqual(
      [],
    );

    await page.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: 'Process' }).check({ force: true }); // its label takes the clicks
    await dialog.getByLabel('Name', { exact: true }).fill('first');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(row(page, 'first')).toContainText('Running');

    // The page gets a new port with each load, and finds everything again.
    await page.reload();
    await expect(row(page, 'first')).toContainText('Running');
  } finally {
    await app.close();
    await destroyAll(home);
  }
});
