import type { Page } from '@playwright/test';
import { dockerTruth, type EngineTruth, processTruth, TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import {
  expect,
  openConsole,
  row,
  shownCpuPercent,
  skipDocker,
  terminal,
  terminalLine,
  test,
  type,
} from './support/test.ts';

const engines: readonly { readonly label: string; readonly truth: EngineTruth; readonly skip: string | null }[] = [
  { label: 'Process', truth: processTruth, skip: null },
  { label: 'Docker', truth: dockerTruth, skip: skipDocker },
];

/** What the CPU chart shows as its newest value, in percent of one core. */
async function chartedCpuPercent(app: Page): Promise<number> {
  const name = await app.getByRole('img', { name: /^CPU/ }).getAttribute('aria-label');
  return Number(/([\d.]+)\s*%/.exec(name ?? '')?.[1] ?? Number.NaN);
}

for (const { label, truth, skip } of engines) {
  test(`${label}: create, watch, type, reload, stop, destroy`, async ({ app, home }) => {
    test.skip(skip !== null, skip ?? '');

    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = app.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: label }).check({ force: true }); // its label takes the clicks
    if (truth.source.type === 'image') await dialog.getByLabel('Image').fill(TEST_IMAGE);
    await dialog.getByLabel('Name', { exact: true }).fill('first');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(row(app, 'first')).toContainText('Running');
    expect(await truth.ids(home)).toHaveLength(1);

    await row(app, 'first').click();
    await openConsole(app);
    await type(app, 'echo $((6*7))');
    await expect(terminalLine(app, '42')).toBeVisible();

    // A second console runs beside the first one.
    await app.getByRole('button', { name: 'New console' }).first().click();
    await expect(app.getByRole('tablist', { name: 'Consoles' }).getByRole('tab')).toHaveCount(2);
    await expect(terminal(app)).toContainText(/[$#] /);
    await type(app, 'while :; do :; done & spinner=$!');
    await app.getByRole('tab', { name: 'Stats' }).click();
    await expect.poll(() => chartedCpuPercent(app), { timeout: 20_000 }).toBeGreaterThan(10);
    await expect.poll(() => shownCpuPercent(app, 'first'), { timeout: 20_000 }).toBeGreaterThan(10);
    await app.getByRole('tab', { name: 'Console' }).click();
    await type(app, 'kill $spinner; kept=still-here');
    await expect.poll(() => shownCpuPercent(app, 'first'), { timeout: 20_000 }).toBeLessThan(5);

    await app.reload();
    await row(app, 'first').click();
    await app.getByRole('tab', { name: 'Console' }).click();
    await app.getByRole('tablist', { name: 'Consoles' }).getByRole('tab').last().click();
    await expect(terminal(app)).toContainText('kill $spinner');
    await type(app, 'echo "<$kept>"');
    await expect(terminalLine(app, '<still-here>')).toBeVisible();

    await app.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(row(app, 'first')).toContainText('Stopped');
    await app.getByRole('button', { name: 'Destroy', exact: true }).click();
    await app.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click();
    await expect(row(app, 'first')).toHaveCount(0);
    expect(await truth.ids(home)).toEqual([]);
  });
}
