import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectAccessible } from './support/axe.ts';
import { make, shell, show } from './support/sandboxes.ts';
import { expect, openConsole, row, test, type } from './support/test.ts';

test.describe('logs', () => {
  const both = shell('i=0; while :; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; sleep 0.2; done');

  test('a log is followed, waits while it is paused, is searched, and tells stderr from stdout', async ({
    app,
    host,
  }) => {
    await show(app, host, 'Logs', 'talks', both);
    const log = app.getByRole('log', { name: 'Log' });
    const newest = async () =>
      Math.max(0, ...[...(await log.innerText()).matchAll(/out (\d+)/g)].map(([, n]) => Number(n)));
    await expect.poll(newest).toBeGreaterThan(0);
    const seen = await newest();
    await expect.poll(newest).toBeGreaterThan(seen + 3);
    await expect(log).toContainText(/stderr: err \d+/);
    await expect(log).not.toContainText('stderr: out');

    const panel = app.getByRole('tabpanel');
    await panel.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(app.getByText(/^Paused, ([4-9]|\d\d+) new lines$/)).toBeVisible();
    const whilePaused = await log.innerText();
    await expect(app.getByText(/^Paused, \d\d+ new lines$/)).toBeVisible();
    expect(await log.innerText()).toBe(whilePaused);
    await panel.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect.poll(() => log.innerText()).not.toBe(whilePaused);

    const search = app.getByRole('searchbox', { name: 'Search the log' });
    await search.fill('ERR 1');
    const position = app.getByText(/^\d+ of \d+$/);
    await expect(position).toHaveText(/^1 of ([2-9]|\d\d+)$/); // err 1, err 10 …
    await search.press('Enter');
    await expect(position).toHaveText(/^2 of/);
    await app.getByRole('checkbox', { name: 'Only matching lines' }).check();
    await expect(log).not.toContainText('out');
    await search.fill('nobody says this');
    await expect(app.getByText('No line matches')).toBeVisible();
    await search.fill('');
    await app.getByRole('combobox', { name: 'Stream' }).selectOption('stdout');
    await expect(log).toContainText('out');
    await expect(log).not.toContainText('err');
  });

  test('what a hostile program prints is shown as text', async ({ app, host }) => {
    const title = await app.title();
    const script = String.raw`printf '<img src=x onerror="document.title=1"><b>bold</b>\n\033]0;owned\007\033[2J\033[31mred\033[0m alert\n\342\200\256txt.exe\n'; exec sleep 1000`;
    await show(app, host, 'Logs', 'hostile', shell(script));
    const log = app.getByRole('log', { name: 'Log' });
    await expect(log.getByText('<img src=x onerror="document.title=1"><b>bold</b>')).toBeVisible();
    await expect(log).toContainText('red alert');
    await expect(log).toContainText('txt.exe');
    for (const hidden of ['\u202e', '\u001b', 'owned']) expect(await log.innerText()).not.toContain(hidden);
    await expect(log.locator('img, b')).toHaveCount(0);
    expect(await app.title()).toBe(title);
  });
});

test('charts say what is used now, rise under load, and say what cannot be measured', async ({ app, host }) => {
  await show(app, host, 'Overview', 'busy');
  await openConsole(app);
  await type(app, 'while :; do :; done & sleep 1000 & sleep 1000 &');
  await app.getByRole('tab', { name: 'Stats', exact: true }).click();
  const chart = (title: string) => app.getByRole('img', { name: new RegExp(`^${title}, now`) });
  const now = async (title: string) => (await chart(title).getAttribute('aria-label')) ?? '';
  const figure = async (title: string) => Number(/now ([\d.]+)/.exec(await now(title))?.[1]);
  await expect.poll(() => figure('CPU'), { timeout: 15_000 }).toBeGreaterThan(10);
  expect(await now('CPU')).toMatch(/ %$/);
  expect(await now('Memory')).toMatch(/[\d.]+ [KMG]iB$/);
  await expect.poll(() => figure('Processes')).toBeGreaterThanOrEqual(4); // the shell and what it started
  await expect(
    app
      .locator('section')
      .filter({ has: app.getByRole('heading', { name: 'Network' }) })
      .last(),
  ).toContainText('Not measurable here');

  /** Of the CPU chart's width, the part that has something drawn in its colour. */
  const drawnWidth = () =>
    chart('CPU')
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => {
        const { width, height } = canvas;
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        const columns = new Set<number>();
        for (let at = 0; at < pixels.length; at += 4) {
          if ((pixels[at + 2] ?? 0) - (pixels[at] ?? 0) > 60) columns.add((at / 4) % width);
        }
        return columns.size / width;
      });
  const range = app.getByRole('combobox', { name: 'Range' });
  await range.selectOption('1 min');
  await expect.poll(drawnWidth).toBeGreaterThan(0.08);
  await range.selectOption('1 h');
  await expect.poll(drawnWidth).toBeLessThan(0.04);

  await chart('CPU').hover();
  await expect(app.getByRole('time').or(app.locator('time')).first()).toHaveText(/^\d\d:\d\d:\d\d$/);
});

test('Inspect shows what the engine says and finds in it; Events tell what happened', async ({ app, host }) => {
  const { id } = await show(app, host, 'Inspect', 'looked-into');
  const tree = app.getByRole('tree');
  await expect(tree.getByRole('treeitem').first()).toBeVisible();
  const json = JSON.stringify(await host.client.sandboxes.inspect({ id }));
  expect(json).toContain(id);
  await app.getByRole('searchbox', { name: 'Search' }).last().fill(id);
  await expect(app.getByText(/^\d+ match(es)?$/)).toBeVisible();
  await expect(tree.getByText(id).first()).toBeVisible();

  await app.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(row(app, 'looked-into')).toContainText('Stopped');
  await app.getByRole('tab', { name: 'Events', exact: true }).click();
  const events = app.getByRole('list', { name: 'Events' }).getByRole('listitem');
  await expect(events).toHaveCount(3);
  await expect(events).toContainText(['Stopped', 'Started', 'Created']); // the newest first
});

test('the list is grouped, a sandbox is renamed in its header, and limits say how they are held', async ({
  app,
  host,
}) => {
  await make(host.client, 'sleeper', {}, false);
  await show(app, host, 'Overview', 'before', {
    limits: { memoryBytes: 1024 ** 3, openFiles: 512, outputBytes: 10 * 1024 ** 2, diskBytes: 1024 ** 3 },
    allowBestEffort: true,
  });
  const groupBy = app.getByRole('combobox', { name: 'Group by' });
  await groupBy.selectOption('By state');
  await expect(row(app, 'Running, 1 sandbox')).toBeVisible();
  await expect(row(app, 'Ready, 1 sandbox')).toBeVisible();
  await groupBy.selectOption('By engine');
  await expect(row(app, 'Process, 2 sandboxes')).toBeVisible();

  const limits = app
    .locator('section')
    .filter({ has: app.getByRole('heading', { name: 'Limits' }) })
    .last();
  await expect(limits).toContainText(/Memory\s*1 GiB\s*best effort/);
  await expect(limits).toContainText(/Open files\s*512\s*enforced/);
  await expect(limits).toContainText(/Output\s*10 MiB\s*best effort/);
  await expect(limits).toContainText(/Disk\s*1 GiB\s*best effort/);

  const rename = async (name: string) => {
    await app.getByRole('button', { name: 'Rename' }).click();
    await app.getByRole('textbox', { name: 'Name of the sandbox' }).fill(name);
    await app.keyboard.press('Enter');
  };
  await rename('after');
  await expect(row(app, 'after')).toBeVisible();
  await expect(row(app, 'before')).toHaveCount(0);
  await rename('sleeper');
  await expect(app.getByRole('alert')).toContainText('There is a sandbox named "sleeper" already');
  await expect(row(app, 'after')).toBeVisible();
});

test('output is limited in the dialog, and the page says what a main program that floods was stopped by', async ({
  app,
}) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'Process' }).check({ force: true }); // its label takes the clicks
  await dialog.getByLabel('Name', { exact: true }).fill('flooding');
  await dialog.getByLabel('Command', { exact: true }).fill('yes');
  const output = dialog.getByRole('textbox', { name: /^Output/ });
  const create = dialog.getByRole('button', { name: 'Create', exact: true });
  await output.fill('10 min');
  await create.click();
  await expect(output).toHaveAccessibleDescription(/must be a size/);
  await output.fill('1 MiB');
  // A plain process could change what is counted of it.
  await dialog.getByRole('checkbox', { name: /^Accept best effort/ }).click();
  await create.click();

  await expect(row(app, 'flooding')).toContainText('Stopped');
  await app.getByRole('tab', { name: 'Overview', exact: true }).click();
  await expect(app.getByRole('tabpanel')).toContainText('ended by the limit: Output');
  await app.getByRole('tab', { name: 'Events', exact: true }).click();
  const events = app.getByRole('list', { name: 'Events' }).getByRole('listitem');
  await expect(events.first()).toContainText('Stopped by its limit of output');
});

test('a workspace is kept when one asks for it, alone and of several, and the page says where', async ({
  app,
  host,
}) => {
  const names = ['alone', 'one-of-two', 'two-of-two'];
  for (const name of names) {
    const { workspace } = await make(host.client, name, shell(`echo "work of ${name}" > work.txt; exec sleep 1000`));
    const written = () => readFile(join(workspace ?? '', 'work.txt'), 'utf8').catch(String);
    await expect.poll(written).toBe(`work of ${name}\n`);
  }
  const confirm = app.getByRole('alertdialog');
  const kept = app.getByRole('status').filter({ hasText: 'kept' });
  const pathsCopied = async () => {
    await kept.getByRole('button', { name: 'Copy' }).click();
    await expect(kept.getByRole('button', { name: 'Copied' })).toBeVisible();
    await kept.getByRole('button', { name: 'Close' }).click();
    return (await app.evaluate(() => navigator.clipboard.readText())).split('\n');
  };

  await row(app, 'alone').click();
  await app.getByRole('button', { name: 'Destroy', exact: true }).click();
  await expect(confirm).toContainText('its workspace is deleted');
  await confirm.getByRole('checkbox', { name: 'Keep the workspace' }).check();
  await expect(confirm).toContainText('its workspace is moved aside');
  await expectAccessible(app, 'question before destroying');
  await confirm.getByRole('button', { name: 'Destroy' }).click();
  await expect(row(app, 'alone')).toHaveCount(0);
  await expect(kept).toContainText('The workspace was kept');
  const [first = ''] = await pathsCopied();
  expect(await readFile(join(first, 'work.txt'), 'utf8')).toBe('work of alone\n');

  await row(app, 'one-of-two').click();
  await row(app, 'two-of-two').click({ modifiers: ['Control'] });
  await app.getByRole('toolbar', { name: '2 selected' }).getByRole('button', { name: 'Destroy' }).click();
  await confirm.getByRole('checkbox', { name: 'Keep the workspaces' }).check();
  await confirm.getByRole('button', { name: 'Destroy' }).click();
  await expect(kept).toContainText('2 workspaces were kept');
  const paths = await pathsCopied();
  const works = await Promise.all(paths.map((path) => readFile(join(path, 'work.txt'), 'utf8')));
  expect(works.sort()).toEqual(['work of one-of-two\n', 'work of two-of-two\n']);
});

test('a folder of the user is not offered to be kept: it always is', async ({ app, host }) => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-folder-'));
  stack.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'mine.txt'), 'mine');
  await make(host.client, 'in-folder', { source: { type: 'directory', path: folder } });
  await row(app, 'in-folder').click();
  await app.getByRole('button', { name: 'Destroy', exact: true }).click();
  const confirm = app.getByRole('alertdialog');
  await expect(confirm).toContainText(`The folder ${folder} is yours and stays`);
  await expect(confirm.getByRole('checkbox')).toHaveCount(0);
  await confirm.getByRole('button', { name: 'Destroy' }).click();
  await expect(row(app, 'in-folder')).toHaveCount(0);
  expect(await readFile(join(folder, 'mine.txt'), 'utf8')).toBe('mine');
});

test('the range of published ports is checked while one types, saved, and there after a reload', async ({
  app,
  host,
}) => {
  const dialog = app.getByRole('dialog', { name: 'Settings' });
  const open = async () => {
    await app.getByRole('button', { name: 'Settings' }).click();
    await app.getByRole('menuitem', { name: 'More settings…' }).click();
    await expect(dialog).toBeVisible();
  };
  await open();
  const first = dialog.getByLabel('First port');
  const last = dialog.getByLabel('Last port');
  const save = dialog.getByRole('button', { name: 'Save' });
  await expect(first).toHaveValue('20000');
  await first.fill('80');
  await expect(first).toHaveAccessibleDescription('at least 1024');
  await last.fill('many');
  await expect(last).toHaveAccessibleDescription('must be a number');
  await first.fill('30500');
  await last.fill('30400');
  await expect(last).toHaveAccessibleDescription('must not be below first');
  await expect(save).toBeDisabled();
  await expectAccessible(app, 'settings with a problem');
  await last.fill('30600');
  await expect(dialog.getByRole('status')).toHaveText('Not saved yet');
  await save.click();
  await expect(dialog.getByRole('status')).toHaveText('Saved');
  expect((await host.client.settings.get({})).config.ports).toEqual({ first: 30_500, last: 30_600 });
  await app.reload();
  await open();
  await expect(first).toHaveValue('30500');
  await expect(last).toHaveValue('30600');
});
