import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { waitFor } from '../electron/hosts/testing/wait-for.ts';
import { expectAccessible } from './support/axe.ts';
import { make } from './support/sandboxes.ts';
import { expect, openConsole, row, test, type } from './support/test.ts';

let folder: string;
test.beforeEach(async ({ host }) => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-project-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'readme.md'), 'one\ntwo\nthree\n');
  await writeFile(join(folder, 'src/old.ts'), 'old\n');
  const report = await waitFor('the engine to be looked at', async () => {
    const found = (await host.client.engines.list({})).find(({ kind }) => kind === 'namespace');
    return found && found.status !== 'unknown' ? found : undefined;
  });
  const overlay = report.capabilities.features.overlay;
  const missing = report.reason ?? (overlay.support === 'enforced' ? null : (overlay.note ?? 'no overlays'));
  test.skip(missing !== null && process.env.TERRARIUM_REQUIRE_ENGINES !== 'all', missing ?? '');
  expect(missing).toBeNull();
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

const listOf = (app: Page): Locator => app.getByRole('list', { name: 'Changes' });
const change = (app: Page, path: string): Locator =>
  listOf(app)
    .getByRole('listitem')
    .filter({ has: app.getByRole('checkbox', { name: `Select ${path}`, exact: true }) });
const answer = (app: Page, name: string) => app.getByRole('alertdialog').getByRole('button', { name }).click();

test('writes are kept apart: made in a console, reviewed line by line, applied in part, the rest thrown away', async ({
  app,
}) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Namespace' }).check({ force: true }); // its label takes the clicks
  await dialog.getByLabel('Name', { exact: true }).fill('apart');
  await dialog.getByRole('radio', { name: 'A folder' }).check({ force: true });
  await dialog.getByLabel('Folder', { exact: true }).fill(folder);
  const keep = dialog.getByRole('checkbox', { name: /Keep writes apart/ });
  if (!(await keep.isVisible())) await dialog.getByRole('button', { name: /More/ }).first().click();
  await keep.check();
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(row(app, 'apart')).toContainText('Running');
  await row(app, 'apart').click();

  await app.getByRole('tab', { name: 'Changes', exact: true }).click();
  await expect(app.getByText('No changes')).toBeVisible();
  await openConsole(app);
  // A shell that is hung up writes its history, which is a change like any other.
  await type(app, 'unset HISTFILE; echo TWO >readme.md; mkdir docs; echo guide >docs/guide.md; rm src/old.ts');
  await app.getByRole('tab', { name: 'Changes', exact: true }).click();
  await expect(listOf(app).getByRole('listitem')).toHaveCount(4);
  await expect(change(app, 'readme.md')).toContainText('Changed');
  await expect(change(app, 'docs/guide.md')).toContainText('Added');
  await expect(change(app, 'src/old.ts')).toContainText('Deleted');
  await expect(app.getByRole('status').filter({ hasText: '4 changes' })).toBeVisible();
  await expect(app.getByRole('button', { name: 'Apply all' })).toBeDisabled();

  await change(app, 'readme.md').getByRole('button').click();
  const diff = app.getByRole('region', { name: 'Change of readme.md' });
  await expect(diff).toContainText('three');
  await expect(diff).toContainText('+TWO');
  await expectAccessible(app, 'changes');

  await app.getByText('It is still running').locator('..').getByRole('button', { name: 'Stop' }).click();
  await expect(app.getByRole('button', { name: 'Apply all' })).toBeEnabled({ timeout: 20_000 });
  await app.getByRole('checkbox', { name: 'Select docs', exact: true }).check();
  await expect(app.getByRole('checkbox', { name: 'Select docs/guide.md', exact: true })).toBeChecked();
  await app.getByRole('button', { name: 'Apply 2' }).click();
  await expect(app.getByRole('alertdialog')).toContainText(`In ${folder}: 2 added`);
  await answer(app, 'Apply');
  await expect(listOf(app).getByRole('listitem')).toHaveCount(2);
  expect(await readFile(join(folder, 'docs/guide.md'), 'utf8')).toBe('guide\n');
  expect(await readFile(join(folder, 'readme.md'), 'utf8')).toBe('one\ntwo\nthree\n');

  await writeFile(join(folder, 'readme.md'), 'mine\n');
  await app.getByRole('button', { name: 'Look again' }).click();
  await expect(change(app, 'readme.md')).toContainText('changed in the folder too');
  await app.getByRole('button', { name: 'Apply all' }).click();
  await expect(app.getByRole('alertdialog')).toContainText('1 of them was changed in the folder too');
  await answer(app, 'Cancel');

  await app.getByRole('button', { name: 'Throw away all' }).click();
  await answer(app, 'Throw away');
  await expect(app.getByText('No changes')).toBeVisible();
  expect((await readdir(join(folder, 'src'))).toSorted()).toEqual(['old.ts']);
  expect(await readFile(join(folder, 'readme.md'), 'utf8')).toBe('mine\n');
});

test('five thousand changes, names that are long or no text, and what cannot be applied', async ({ app, host }) => {
  const long = `${'deep/'.repeat(20)}${'long-name-'.repeat(20)}.txt`;
  const script = [
    'mkdir many; i=0; while [ $i -lt 5000 ]; do : >many/file-$i; i=$((i + 1)); done',
    `mkdir -p '${'deep/'.repeat(20)}'; echo x >'${long}'`,
    `echo x >"$(printf 'gpj.\\342\\200\\256cod\\n\\377')"`,
    'mkfifo pipe; ln -s /etc/passwd link; echo done >marker; exec sleep 1000',
  ].join('\n');
  const { id } = await make(host.client, 'busy', {
    engine: 'namespace',
    source: { type: 'directory', path: folder },
    filesystem: { overlay: true },
    command: ['sh', '-c', script],
  });
  await waitFor(
    'all writes',
    async () => (await host.client.changes.list({ id })).changes.some(({ path }) => path === 'marker'),
    30_000,
  );
  await host.client.sandboxes.stop({ id, graceMs: 0 });
  await row(app, 'busy').click();
  await app.getByRole('tab', { name: 'Changes', exact: true }).click();
  await expect(app.getByRole('status').filter({ hasText: /^5,0\d\d changes/ })).toBeVisible({ timeout: 20_000 });
  expect(await listOf(app).getByRole('listitem').count()).toBeLessThan(100);
  await expectAccessible(app, 'many changes');

  const search = app.getByRole('searchbox', { name: 'Search the changes' });
  await search.fill('gpj');
  await expect(listOf(app).getByRole('listitem')).toHaveText([/gpj\.\\u\{202e\}cod\\x0a\\xff/]);
  await search.fill('link');
  await expect(listOf(app).getByRole('listitem')).toContainText('→ /etc/passwd');
  await search.fill('long-name');
  const box = await listOf(app).getByRole('listitem').boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(app.viewportSize()?.width ?? 0);

  await search.fill('');
  await app.getByRole('button', { name: 'Apply all' }).click();
  await answer(app, 'Apply');
  await expect(app.getByRole('alert')).toContainText('1 change could not be applied and is kept', { timeout: 60_000 });
  await expect(app.getByRole('alert')).toContainText('pipe: only files, folders and links are applied');
  await expect(listOf(app).getByRole('listitem')).toHaveText([/pipe/]);
  expect((await readdir(join(folder, 'many'))).length).toBe(5000);
  expect(await readFile(join(folder, long), 'utf8')).toBe('x\n');
});
