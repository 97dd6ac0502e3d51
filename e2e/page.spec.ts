import type { Client } from '../electron/hosts/client/connection.ts';
import { expectAccessible } from './support/axe.ts';
import { expect, openConsole, row, skipDocker, test } from './support/test.ts';

async function create(client: Client, name: string, start = true): Promise<void> {
  const spec = { engine: 'process', name, source: { type: 'empty' } } as const;
  for await (const item of await client.sandboxes.create({ spec, start })) void item;
}

const tabs = ['Overview', 'Console', 'Logs', 'Stats', 'Inspect', 'Events'];

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing in ${colorScheme}: empty, list, every tab, dialogs, palette`, async ({ app, host }) => {
    await app.emulateMedia({ colorScheme });
    await expectAccessible(app, 'empty');
    await create(host.client, 'seen');
    await row(app, 'seen').click();
    await openConsole(app);
    for (const tab of tabs) {
      await app.getByRole('tab', { name: tab, exact: true }).click();
      await expect(app.getByRole('tab', { name: tab, exact: true })).toHaveAttribute('aria-selected', 'true');
      await expectAccessible(app, tab);
    }
    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    await expect(app.getByRole('dialog', { name: 'New sandbox' })).toBeVisible();
    await expectAccessible(app, 'create dialog');
    await app.keyboard.press('Escape');
    await app.keyboard.press('Control+k');
    await expect(app.getByRole('dialog').getByRole('combobox')).toBeFocused();
    await expectAccessible(app, 'command palette');
  });
}

test('the dialog refuses while one types what the engine cannot hold, and what is not valid', async ({ app }) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Process' }).check({ force: true }); // its label takes the clicks
  await dialog.getByLabel('Memory').fill('256 MiB');
  await expect(dialog).toContainText('the process engine can only try to hold a limit on memory');
  await dialog.getByRole('checkbox', { name: /only try to hold/ }).check();
  await expect(dialog).not.toContainText('the process engine can only try to hold a limit on memory');
  await dialog.getByLabel('Open files').fill('3');
  await expect(dialog).toContainText('at least 16');
  await dialog.getByLabel('Open files').fill('many');
  await expect(dialog.getByLabel('Open files')).toHaveAttribute('aria-invalid', 'true');
});

test('an image that is not there: the dialog says so, offers the pull, and keeps what was typed', async ({ app }) => {
  test.skip(skipDocker !== null, skipDocker ?? '');
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Docker' }).check({ force: true }); // its label takes the clicks
  // The reserved top-level domain: no registry answers there, whatever network the machine has.
  await dialog.getByLabel('Image').fill('registry.invalid/none:1');
  await dialog.getByLabel('Name', { exact: true }).fill('keeps-this');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByRole('button', { name: /Pull/ })).toBeVisible();
  await dialog.getByRole('button', { name: /Pull/ }).click();
  await expect(dialog.getByRole('alert').first()).toBeVisible({ timeout: 60_000 });
  await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('keeps-this');
});

test('everything can be done from the keyboard: palette, create, destroy', async ({ app }) => {
  await app.keyboard.press('Control+k');
  await expect(app.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await app.keyboard.type('new sandbox');
  await app.keyboard.press('Enter');
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Process' }).focus();
  await app.keyboard.press('Space');
  await dialog.getByLabel('Name', { exact: true }).focus();
  await app.keyboard.type('by-keyboard');
  await app.keyboard.press('Enter');
  await expect(row(app, 'by-keyboard')).toContainText('Running');
  await app.keyboard.press('Control+k');
  await expect(app.getByRole('dialog').getByRole('combobox')).toBeFocused();
  await app.keyboard.type('destroy');
  await app.keyboard.press('Enter');
  const confirm = app.getByRole('alertdialog');
  await confirm.getByRole('button', { name: 'Destroy' }).focus();
  await app.keyboard.press('Enter');
  await expect(row(app, 'by-keyboard')).toHaveCount(0);
});

test.describe('without Docker', () => {
  // Other people's containers would be in the list too.
  test.use({ hostEnv: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });

  test('300 sandboxes: the list stays light, finds one by name, and destroys them all at once', async ({
    app,
    host,
  }) => {
    test.slow();
    for (let index = 0; index < 300; index += 1) await create(host.client, `many-${index}`, false);
    await create(host.client, 'a-name-that-is-as-long-as-names-may-be-and-still-must-not-break-anything-x1', false);
    await expect(app.getByText('301 sandboxes')).toBeVisible({ timeout: 20_000 });
    // Only what is in view is in the document.
    expect(await app.getByRole('row').count()).toBeLessThan(80);
    await app.getByRole('searchbox').or(app.getByPlaceholder('Filter sandboxes')).first().fill('many-237');
    await expect(app.getByRole('row')).toHaveCount(1);
    await app.getByPlaceholder('Filter sandboxes').fill('');
    await app.getByRole('row').first().click();
    await app.keyboard.press('Control+a');
    await app.getByRole('toolbar', { name: 'selected' }).getByRole('button', { name: 'Destroy' }).click();
    await app.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click();
    await expect(app.getByRole('row')).toHaveCount(0, { timeout: 60_000 });
    expect(await host.client.sandboxes.list({})).toEqual([]);
  });
});
