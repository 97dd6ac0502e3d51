import type { Page } from '@playwright/test';
import { make } from './support/sandboxes.ts';
import { expect, openConsole, row, terminal, terminalLine, test, type } from './support/test.ts';

test.beforeEach(async ({ app, host }) => {
  await make(host.client, 'typed-in');
  await row(app, 'typed-in').click();
  await openConsole(app);
});

const copyTo = (page: Page, text: string) => page.evaluate((value) => navigator.clipboard.writeText(value), text);

/** Rows and columns as the program on the terminal sees them. */
async function sizeInside(page: Page, mark: string): Promise<readonly [rows: number, columns: number]> {
  await type(page, `echo "${mark} is $(stty size)"`);
  const answer = terminal(page).getByText(new RegExp(`^\\s*${mark} is \\d+ \\d+`));
  await expect(answer).toBeVisible();
  const [, rows, columns] = /is (\d+) (\d+)/.exec(await answer.innerText()) ?? [];
  return [Number(rows), Number(columns)];
}

test('a word that is selected is copied with Ctrl+Shift+C and pasted, in brackets, with Ctrl+Shift+V', async ({
  app,
}) => {
  await copyTo(app, 'something else');
  await type(app, 'echo take-this');
  const line = await terminalLine(app, 'take-this').boundingBox();
  if (!line) throw new Error('the line is not shown');
  // The words for the screen reader lie over those that are drawn.
  await app.mouse.dblclick(line.x + 20, line.y + line.height / 2);
  await app.keyboard.press('Control+Shift+C');
  expect(await app.evaluate(() => navigator.clipboard.readText())).toBe('take-this');

  // A program that asks for brackets gets them, one that does not gets the bare text.
  await type(app, `printf '\\033[?2004h'; echo asked; cat -v`);
  await expect(terminalLine(app, 'asked')).toBeVisible();
  await app.keyboard.press('Control+Shift+V');
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, '^[[200~take-this^[[201~')).toHaveCount(2); // as typed, and as cat read it
  await app.keyboard.press('Control+C');
  await type(app, `printf '\\033[?2004l'; echo gone; cat -v`);
  await expect(terminalLine(app, 'gone')).toBeVisible();
  await app.keyboard.press('Control+Shift+V');
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, 'take-this')).toHaveCount(3);
});

test('several lines that are pasted at the prompt wait for Enter', async ({ app }) => {
  await type(app, 'bash --norc'); // whatever shell the user has
  await expect(terminal(app)).toContainText('bash-');
  await copyTo(app, 'echo one-$((1+1))\necho two-$((2+2))');
  await app.keyboard.press('Control+Shift+V');
  await expect(terminal(app)).toContainText('two-$((2+2))');
  await expect(terminalLine(app, 'one-2')).toHaveCount(0);
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, 'one-2')).toBeVisible();
  await expect(terminalLine(app, 'two-4')).toBeVisible();
});

test('a paste of 100,000 characters arrives whole', async ({ app }) => {
  await copyTo(app, `${'x'.repeat(99)}\n`.repeat(1000));
  await type(app, 'stty -echo; echo ready; wc -c');
  await expect(terminalLine(app, 'ready')).toBeVisible();
  await app.keyboard.press('Control+Shift+V');
  await app.keyboard.press('Control+D');
  await expect(terminalLine(app, '100000')).toBeVisible();
});

test('search finds, counts, goes on and gives the terminal back', async ({ app }) => {
  await type(app, 'for word in apple pear apple apple; do echo "fruit: $word"; done');
  await expect(terminalLine(app, 'fruit: pear')).toBeVisible();
  await app.keyboard.press('Control+Shift+F');
  const search = app.getByRole('search');
  await search.getByRole('textbox').fill('fruit: apple');
  await expect(search.getByRole('status')).toHaveText('3 of 3');
  await app.keyboard.press('Enter');
  await expect(search.getByRole('status')).toHaveText('2 of 3');
  await app.keyboard.press('Shift+Enter');
  await expect(search.getByRole('status')).toHaveText('3 of 3');
  await search.getByRole('textbox').fill('no such fruit');
  await expect(search.getByRole('status')).toHaveText('No results');
  await app.keyboard.press('Escape');
  await expect(search).toHaveCount(0);
  await app.keyboard.type('echo back-$((40+2))');
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, 'back-42')).toBeVisible();
});

test('the text size changes with the keys, and the program learns its new size', async ({ app }) => {
  const pixels = () =>
    app.locator('.xterm-rows').evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize));
  const normal = await pixels();
  const [rowsBefore, columnsBefore] = await sizeInside(app, 'before');
  for (let press = 0; press < 5; press += 1) await app.keyboard.press('Control+=');
  await expect.poll(pixels).toBe(normal + 5);
  await expect(async () => {
    const [rows, columns] = await sizeInside(app, `larger-${Date.now()}`);
    expect(rows).toBeLessThan(rowsBefore);
    expect(columns).toBeLessThan(columnsBefore);
  }).toPass();
  await app.keyboard.press('Control+-');
  await expect.poll(pixels).toBe(normal + 4);
  await app.keyboard.press('Control+0');
  await expect.poll(pixels).toBe(normal);
});

test('the program sees the size of the window, also after it changed', async ({ app }) => {
  await app.setViewportSize({ width: 1280, height: 800 });
  const rowsShown = () => terminal(app).getByRole('listitem').count();
  await expect(async () => {
    const [rows] = await sizeInside(app, `large-${Date.now()}`);
    expect(rows).toBe(await rowsShown());
  }).toPass();
  const [rowsBefore, columnsBefore] = await sizeInside(app, 'large');
  await app.setViewportSize({ width: 1000, height: 600 });
  await expect(async () => {
    const [rows, columns] = await sizeInside(app, `small-${Date.now()}`);
    expect(rows).toBe(await rowsShown());
    expect(rows).toBeLessThan(rowsBefore);
    expect(columns).toBeLessThan(columnsBefore);
  }).toPass();
});

test('a program that ends says how, and its console can be opened again', async ({ app }) => {
  const tabs = app.getByRole('tablist', { name: 'Consoles' }).getByRole('tab');
  await type(app, 'exit 3');
  await expect(terminalLine(app, '[process exited with code 3]')).toBeVisible();
  await app.getByRole('button', { name: 'Open again' }).click();
  await expect(terminal(app)).not.toContainText('process exited');
  await expect(tabs).toHaveCount(1);
  await type(app, 'echo alive-$((6*7))');
  await expect(terminalLine(app, 'alive-42')).toBeVisible();
});

test('what is typed while the page loads its console again is not lost', async ({ app }) => {
  await type(app, 'echo first-$((1+1))');
  await expect(terminalLine(app, 'first-2')).toBeVisible();
  await app.reload();
  await row(app, 'typed-in').click();
  await app.getByRole('tab', { name: 'Console' }).click();
  await app.locator('.xterm-helper-textarea:visible').focus();
  await app.keyboard.type('echo second-$((2+2))');
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, 'second-4')).toBeVisible();
  await expect(terminalLine(app, 'first-2')).toBeVisible();
});
