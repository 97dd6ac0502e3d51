import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveIndex, writeWheels } from '../electron/engines/local/wheels-for-tests.ts';
import { expectAccessible } from './support/axe.ts';
import { make, show } from './support/sandboxes.ts';
import { expect, openConsole, row, terminal, test, type } from './support/test.ts';

test.describe('packages of a virtualenv', () => {
  let wheels: string;
  test.beforeAll(async () => {
    wheels = await mkdtemp(join(tmpdir(), 'terrarium-wheels-'));
    await writeWheels(wheels, [
      { name: 'alpha', version: '1.0', requires: ['beta'] },
      { name: 'alpha', version: '2.0', requires: ['beta'] },
      { name: 'beta', version: '1.5' },
    ]);
  });
  test.afterAll(() => rm(wheels, { recursive: true }));

  test('are installed with progress, searched, changed to another version, removed; and the console has them', async ({
    app,
    host,
  }) => {
    await show(app, host, 'Packages', 'snake', { engine: 'virtualenv', python: { wheels } });
    await expect(app.getByText('No packages yet')).toBeVisible();
    await expectAccessible(app, 'packages');
    await app.getByRole('textbox', { name: 'Packages to install' }).fill('alpha==1.0');
    await app.getByRole('button', { name: 'Install', exact: true }).click();
    await expect(app.getByRole('status').filter({ hasText: 'Install alpha==1.0: done' })).toBeVisible();
    await expect(app.getByRole('log', { name: 'Output' })).toContainText('Successfully installed alpha-1.0 beta-1.5');
    const table = app.getByRole('table', { name: 'Packages' });
    await expect(table.getByRole('row')).toHaveCount(3);
    await expect(table.getByRole('row', { name: /^alpha/ })).toContainText('The package alpha of a test');
    await expectAccessible(app, 'packages');

    await app.getByRole('searchbox', { name: 'Search the packages' }).fill('alph');
    await expect(table.getByRole('row')).toHaveCount(2);
    await app.getByRole('button', { name: 'Versions of alpha' }).click();
    await app.getByRole('combobox', { name: 'Version of alpha' }).selectOption('2.0');
    await expect(app.getByRole('status').filter({ hasText: 'Install alpha==2.0: done' })).toBeVisible();
    await openConsole(app);
    await type(app, 'python -c "import alpha; print(\'version\', alpha.version)"');
    await expect(terminal(app)).toContainText('version 2.0');
    await app.getByRole('tab', { name: 'Packages', exact: true }).click();
    await app.getByRole('button', { name: 'Remove alpha' }).click();
    await expect(table.getByRole('row')).toHaveCount(2);
    await expect(table).not.toContainText('alpha');
  });

  test('what cannot be installed says which package and what to do', async ({ app, host }) => {
    await show(app, host, 'Packages', 'wrong', { engine: 'virtualenv', python: { wheels } });
    await app.getByRole('textbox', { name: 'Packages to install' }).fill('delta');
    await app.getByRole('textbox', { name: 'Packages to install' }).press('Enter');
    await expect(app.getByRole('alert')).toContainText('The package delta was not found');
  });

  test('an install is cancelled', async ({ app, host }) => {
    await using index = await serveIndex([{ name: 'alpha', version: '1.0' }], { stall: true });
    await show(app, host, 'Packages', 'slow', { engine: 'virtualenv', python: { indexUrl: index.url } });
    await app.getByRole('textbox', { name: 'Packages to install' }).fill('alpha');
    await app.getByRole('button', { name: 'Install', exact: true }).click();
    await expect.poll(() => index.asked.some((path) => path.startsWith('/files/'))).toBe(true);
    await app.getByRole('button', { name: 'Cancel' }).click();
    await expect(app.getByText('Install alpha: cancelled')).toBeVisible();
    await expect(app.getByText('No packages yet')).toBeVisible();
  });

  test('a broken virtualenv is repaired, and its packages are still there', async ({ app, host }) => {
    const { id, workspace } = await make(host.client, 'broken', {
      engine: 'virtualenv',
      python: { wheels, packages: ['beta'] },
    });
    await rm(join(workspace ?? '', '../venv/pyvenv.cfg'));
    await row(app, 'broken').click();
    await app.getByRole('tab', { name: 'Packages', exact: true }).click();
    await expect(app.getByRole('alert')).toContainText('pyvenv.cfg is missing');
    await app.getByRole('button', { name: 'Repair' }).click();
    await expect(app.getByRole('status').filter({ hasText: 'Repair: done' })).toBeVisible();
    await expect(app.getByRole('table', { name: 'Packages' })).toContainText('beta');
    await host.client.sandboxes.stop({ id });
    expect(await host.client.sandboxes.start({ id })).toMatchObject({ state: 'running' });
  });

  test('requirements.txt of the folder is offered', async ({ app, host }) => {
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-project-'));
    await writeFile(join(folder, 'requirements.txt'), 'beta\n');
    const source = { type: 'directory', path: folder } as const;
    await show(app, host, 'Packages', 'project', { engine: 'virtualenv', source, python: { wheels } });
    await app.getByRole('button', { name: 'Install requirements.txt' }).click();
    await expect(app.getByRole('table', { name: 'Packages' })).toContainText('beta');
    await rm(folder, { recursive: true });
  });
});
