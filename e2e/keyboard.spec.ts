import type { Page } from '@playwright/test';
import { make } from './support/sandboxes.ts';
import { expect, openConsole, row, terminal, terminalLine, test, type } from './support/test.ts';

test.beforeEach(async ({ app, host }) => {
  await make(host.client, 'typed-in');
  await row(app, 'typed-in').click();
  await openConsole(app);
});

const input = (app: Page) => app.locator('.xterm-helper-textarea:visible');
const tab = (app: Page, name: string) => app.getByRole('tab', { name, exact: true });
const palette = (app: Page) => app.getByRole('dialog').getByRole('combobox');

test('F6 and Alt with a digit lead out of a terminal, and back into it', async ({ app }) => {
  await expect(input(app)).toBeFocused();
  await app.keyboard.press('Tab'); // the shell's
  await expect(input(app)).toBeFocused();
  await app.keyboard.press('F6');
  await expect(app.getByRole('grid')).toBeFocused();
  await app.keyboard.press('Shift+F6');
  await expect(input(app)).toBeFocused();
  await app.keyboard.press('Shift+F6');
  await expect(tab(app, 'Console')).toBeFocused();
  await app.keyboard.press('F6');
  await expect(input(app)).toBeFocused();
  await app.keyboard.press('Alt+3');
  await expect(tab(app, 'Logs')).toHaveAttribute('aria-selected', 'true');
  await expect(tab(app, 'Logs')).toBeFocused();
  await app.keyboard.press('Alt+2');
  await expect(input(app)).toBeFocused();
});

test('in a terminal Ctrl+K is the shell’s; the palette has F1 and Ctrl+Shift+P there', async ({ app }) => {
  await type(app, 'bash --norc'); // whatever shell the user has
  await expect(terminal(app)).toContainText('bash-');
  await app.keyboard.type('echo kept-$((1+1)) cut-$((1+1))');
  for (let press = 0; press < ' cut-$((1+1))'.length; press += 1) await app.keyboard.press('ArrowLeft');
  await app.keyboard.press('Control+k');
  await expect(palette(app)).toHaveCount(0);
  await app.keyboard.press('Enter');
  await expect(terminalLine(app, 'kept-2')).toBeVisible();
  for (const keys of ['F1', 'Control+Shift+P']) {
    await app.keyboard.press(keys);
    await expect(palette(app)).toBeFocused();
    await app.keyboard.press('Escape');
    await expect(input(app)).toBeFocused();
  }
  await app.keyboard.press('F6');
  await app.keyboard.press('Control+k');
  await expect(palette(app)).toBeFocused();
  await app.keyboard.type('keyboard');
  await app.keyboard.press('Enter');
  await expect(app.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Leave the console');
});

test('a click on a console’s tab leaves the keyboard to its terminal', async ({ app }) => {
  await app.getByRole('button', { name: 'New console' }).first().click();
  const tabs = app.getByRole('tablist', { name: 'Consoles' }).getByRole('tab');
  await expect(tabs).toHaveCount(2);
  for (const index of [1, 0, 0]) {
    await tabs.nth(index).click();
    await expect(input(app)).toBeFocused();
    await app.keyboard.type('n');
    await expect(app.getByRole('dialog')).toHaveCount(0);
  }
  // Arrow keys walk along the tabs.
  await app.keyboard.press('Control+C');
  await tabs.nth(0).focus();
  await app.keyboard.press('ArrowRight');
  await app.keyboard.press('ArrowRight');
  await expect(tabs.nth(0)).toBeFocused();
});

test('arrow keys go on through the list while consoles come and go beside it', async ({ app, host }) => {
  await make(host.client, 'second');
  await row(app, 'second').click();
  await openConsole(app);
  await row(app, 'second').click();
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('ArrowUp');
  await expect(app.getByRole('grid')).toBeFocused();
  await expect(row(app, 'second')).toHaveAttribute('aria-selected', 'true');
});
