import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectAccessible } from './support/axe.ts';
import { expect, test } from './support/test.ts';

test('the dialog shows what is configured, and a sandbox gets it', async ({ app, home, host }) => {
  await writeFile(
    join(home, 'config.toml'),
    '[engines.process]\nprofile = "trusted"\nlimits = { openFiles = 333, wallTimeMs = "2h" }\n',
  );
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Process' }).check({ force: true }); // its label takes the clicks
  await expect(dialog.getByLabel('Open files')).toHaveAttribute('placeholder', '333');
  await expect(dialog.getByLabel('Open files')).toHaveAccessibleDescription('as configured');
  await expect(dialog.getByLabel('Run time')).toHaveAttribute('placeholder', '2 h');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('by-config');
  await dialog.getByLabel('Run time').fill('3 h');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();
  const made = (await host.client.sandboxes.list({})).find(({ name }) => name === 'by-config');
  expect(made?.spec).toMatchObject({ profile: 'trusted', limits: { openFiles: 333, wallTimeMs: 3 * 3_600_000 } });
});

test('a mistake in the file is told where one looks, and nothing is lost by saving', async ({ app, home }) => {
  const file = join(home, 'config.toml');
  await writeFile(file, '# mine\n[ports]\nfirst = "low"\n');
  await app.reload();
  await expect(app.getByText(`The configuration in ${file} does not hold: line 3, ports.first`)).toBeVisible();
  await app.getByRole('button', { name: 'Settings' }).click();
  await app.getByRole('menuitem', { name: 'More settings…' }).click();
  const dialog = app.getByRole('dialog', { name: 'Settings' });
  await expect(dialog.getByText(file)).toBeVisible();
  await expect(dialog.getByRole('alert')).toContainText('Line 3: ports.first: must be a whole number');
  await expectAccessible(app, 'settings with a wrong file');
  await dialog.getByLabel('First port').fill('30000');
  await dialog.getByLabel('Last port').fill('30100');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('Mend that in the file first.')).toBeVisible();
});
