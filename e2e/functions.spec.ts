import type { Locator, Page } from '@playwright/test';
import type { Client } from '../electron/hosts/client/connection.ts';
import { makeHome, startHost } from '../electron/hosts/testing/host-process.ts';
import { expectAccessible } from './support/axe.ts';
import { expect, openPage, row, test } from './support/test.ts';

const tab = (app: Page, name: string) => app.getByRole('tab', { name, exact: true });
const editor = (app: Page) => app.getByRole('textbox', { name: /^Code of/ });
const payload = (app: Page) => app.getByRole('region', { name: 'Invoke' }).getByRole('textbox', { name: 'Payload' });
const result = (app: Page) => app.getByRole('region', { name: 'Result' }).first();
const invocations = (app: Page) => app.getByRole('grid', { name: 'History' }).getByRole('row');

async function onlyId(client: Client): Promise<string> {
  const [first] = await client.functions.list({});
  if (!first) throw new Error('there is no function');
  return first.id;
}

async function replace(field: Locator, text: string): Promise<void> {
  await field.focus();
  await field.press('Control+a');
  await field.page().keyboard.insertText(text);
}

/** The first function, from an example. */
async function makeFirst(app: Page, language: 'JavaScript' | 'Python'): Promise<void> {
  await app.getByRole('button', { name: 'Functions' }).click();
  await app.getByRole('button', { name: `Start with an example in ${language}` }).click();
  // Python's memory is made ready first, once for each state folder.
  await expect(editor(app)).toBeVisible({ timeout: 120_000 });
}

for (const language of ['JavaScript', 'Python'] as const) {
  test(`the first function is made from an example in ${language} at a click, and runs`, async ({ app }) => {
    await makeFirst(app, language);
    await expect(editor(app)).toContainText('words must be a list');
    await app.keyboard.press('Control+Enter');
    await expect(result(app)).toContainText('Returned');
    await expect(result(app)).toContainText('"sandbox": 2');
    await expect(result(app).getByRole('log')).toContainText('counting 3 words');
    for (const figure of ['Duration', 'Start', 'Queue', 'CPU', 'Peak memory']) {
      await expect(result(app).getByRole('term').filter({ hasText: figure })).toBeVisible();
    }
    await expect(result(app)).toContainText('cold');
    await app.keyboard.press('Control+Enter');
    await expect(result(app)).toContainText('warm');
    await expect(row(app, language === 'Python' ? 'count-words-py' : 'count-words-js')).toContainText('1 idle');
    await replace(payload(app), '{"words": 3}');
    await app.keyboard.press('Control+Enter');
    await expect(result(app).getByRole('alert')).toContainText('TypeError: words must be a list');
    await result(app)
      .getByRole('button', { name: language === 'Python' ? /File "function\.py", line/ : /function\.js:\d/ })
      .last()
      .click();
    await expect(editor(app)).toBeFocused();
    await expect(editor(app).locator('.cm-activeLine')).toContainText('TypeError(');
  });
}

test('code is edited, saved with Ctrl+S as a new version, and looked back at', async ({ app }) => {
  await makeFirst(app, 'JavaScript');
  await replace(editor(app), 'export function handler(n) {\n  return n * 2;\n}\n');
  await expect(row(app, 'count-words-js')).toContainText('unsaved');
  await app.keyboard.press('Control+s');
  await expect(app.getByText('Saved as version 2')).toBeVisible();
  await expect(row(app, 'count-words-js')).toContainText('v2');
  await replace(payload(app), '21');
  await app.keyboard.press('Control+Enter');
  await expect(result(app)).toContainText('42');

  await tab(app, 'Versions').click();
  await app.getByRole('row', { name: 'Version 1' }).click();
  await expect(editor(app)).toContainText('words must be a list');
  await app.getByRole('combobox', { name: 'Compare' }).selectOption({ label: 'with version 2 (current)' });
  const changes = app.getByRole('region', { name: 'From version 1 to version 2' });
  await expect(changes).toContainText('+  return n * 2;');
  await app.getByRole('button', { name: 'Make current' }).click();
  await app.getByRole('alertdialog').getByRole('button', { name: 'Make current' }).click();
  await expect(row(app, 'count-words-js')).toContainText('v1');
  await tab(app, 'Code').click();
  await expect(editor(app)).toContainText('words must be a list');
});

test('what is not saved is there after another tab, another place and a reload', async ({ app, host }) => {
  await makeFirst(app, 'JavaScript');
  await replace(editor(app), 'export const handler = () => "kept";');
  await tab(app, 'Stats').click();
  await tab(app, 'Code').click();
  await expect(editor(app)).toContainText('"kept"');
  await app.getByRole('button', { name: 'Sandboxes' }).click();
  await expect(app.getByText('No sandboxes yet')).toBeVisible();
  await app.goBack();
  await expect(editor(app)).toContainText('"kept"');
  await app.reload();
  await expect(editor(app)).toContainText('"kept"');
  await expect(app.getByText('Changes that are not saved yet')).toBeVisible();
  // Another one saves meanwhile.
  const id = await onlyId(host.client);
  await host.client.functions.update({
    id,
    spec: { engine: 'wasm', code: { type: 'javascript', text: 'export const handler = () => 7' } },
  });
  await expect(app.getByText('Version 2 was made meanwhile')).toBeVisible();
  await app.getByRole('button', { name: 'Revert' }).click();
  await app.getByRole('alertdialog').getByRole('button', { name: 'Revert' }).click();
  await expect(editor(app)).toContainText('() => 7');
});

test('code that cannot be loaded is not saved, and its line is shown', async ({ app, host }) => {
  await makeFirst(app, 'JavaScript');
  await replace(editor(app), 'export function handler() {\n  return 1 +;\n}\n');
  await app.keyboard.press('Control+s');
  await expect(app.getByRole('alert')).toBeVisible();
  await app.getByRole('button', { name: 'Go to line 2' }).click();
  await expect(editor(app)).toBeFocused();
  await expect(editor(app).locator('.cm-activeLine')).toContainText('return 1 +;');
  await expect(editor(app)).toContainText('return 1 +;');
  expect((await host.client.functions.list({}))[0]?.version).toBe(1);
});

test('a payload that is no JSON is told before it is sent; an error leads to its line', async ({ app }) => {
  await makeFirst(app, 'JavaScript');
  await replace(payload(app), '{"words": \n nothing}');
  await expect(app.getByText(/Not JSON, line 2/)).toBeVisible();
  await expect(app.getByRole('button', { name: 'Invoke' })).toBeDisabled();
  await app.keyboard.press('Control+Enter');
  await expect(result(app)).toContainText('Not invoked yet');
  await replace(payload(app), '{"words": 3}');
  await app.keyboard.press('Control+Enter');
  await expect(result(app).getByRole('alert')).toContainText('TypeError: words must be a list');
  await result(app)
    .getByRole('button', { name: /function\.js:\d/ })
    .first()
    .click();
  await expect(editor(app)).toBeFocused();
  await expect(editor(app).locator('.cm-activeLine')).toContainText('throw new TypeError');
});

test('the history has inputs and outputs, is filtered, and runs one again', async ({ app, host }) => {
  await makeFirst(app, 'JavaScript');
  const id = await onlyId(host.client);
  for (let index = 0; index < 30; index += 1) await host.client.functions.invoke({ id, payload: '{"words":["a"]}' });
  await host.client.functions.invoke({ id, payload: '{"words":"<img src=x>"}' });
  await tab(app, 'History').click();
  await expect(app.getByText('31 invocations')).toBeVisible();
  await app.getByRole('combobox', { name: 'Outcome' }).selectOption('Only errors');
  await expect(invocations(app)).toHaveCount(1);
  await invocations(app).first().click();
  const detail = app.getByRole('region', { name: 'Invocation', exact: true });
  await expect(detail).toContainText('TypeError: words must be a list');
  await expect(detail.getByRole('textbox', { name: 'Payload' })).toContainText('<img src=x>');
  await detail.getByRole('button', { name: /function\.js/ }).click();
  await expect(editor(app).locator('.cm-activeLine')).toContainText('throw new TypeError');

  await tab(app, 'History').click();
  await app.getByRole('grid', { name: 'History' }).focus();
  await app.keyboard.press('Home');
  await app.keyboard.press('ArrowDown');
  await expect(detail).toContainText('Returned');
  await detail.getByRole('button', { name: 'Run again' }).click();
  await expect(payload(app)).toContainText('"a"');
  await expect(result(app)).toContainText('Returned');
  expect(await host.client.invocations.list({ functionId: id })).toHaveLength(32);

  await tab(app, 'Stats').click();
  await expect(app.getByText('1 (3.1 %)').first()).toBeVisible();
  await expect(app.getByRole('figure')).toContainText('p99');
});

test('what runs on is cancelled, and a time limit of the settings ends it', async ({ app, host }) => {
  await makeFirst(app, 'JavaScript');
  await replace(editor(app), 'export function handler() { for (;;); }');
  await app.keyboard.press('Control+s');
  await expect(app.getByText('Saved as version 2')).toBeVisible();
  await app.getByRole('button', { name: 'Invoke' }).click();
  await expect(row(app, 'count-words-js')).toContainText('1 busy');
  await app.getByRole('button', { name: 'Cancel' }).click();
  await expect(result(app)).toContainText('Cancelled');
  await tab(app, 'Settings').click();
  await app.getByLabel('Timeout').fill('1,5 s');
  await expect(app.getByText('must have a decimal point')).toBeVisible();
  await app.getByLabel('Timeout').fill('200 ms');
  await app.getByRole('button', { name: 'Save' }).click();
  await expect(app.getByText('Saved', { exact: true })).toBeVisible();
  await tab(app, 'Code').click();
  await app.getByRole('button', { name: 'Invoke' }).click();
  await expect(result(app)).toContainText('Its time was up');
  await tab(app, 'Settings').click();
  await app.getByLabel('Fuel').fill('1000');
  await expect(app.getByText('Saving makes a new version')).toBeVisible();
  await app.getByRole('button', { name: 'Save' }).click();
  await expect(app.getByRole('alert')).toContainText('used up its limit of fuel');
  await app.getByLabel('Fuel').fill('100,000,000');
  await app.getByRole('button', { name: 'Save' }).click();
  await expect(row(app, 'count-words-js')).toContainText('v3');
  const id = await onlyId(host.client);
  expect((await host.client.functions.get({ id })).spec.limits).toEqual({ fuel: 100_000_000 });
});

test('deleted by somebody else, what was not saved can be taken along', async ({ app, host }) => {
  await makeFirst(app, 'JavaScript');
  await replace(editor(app), 'export const handler = () => "mine";');
  const id = await onlyId(host.client);
  await host.client.functions.delete({ id });
  await expect(app.getByText('This function is not there any more')).toBeVisible();
  await app.getByRole('button', { name: 'Copy the code' }).click();
  expect(await app.evaluate(() => navigator.clipboard.readText())).toBe('export const handler = () => "mine";');
  await app.getByRole('button', { name: 'Throw it away' }).click();
  await expect(app.getByText('No functions yet')).toBeVisible();
});

test('by keyboard alone: made, edited, left, invoked, deleted', async ({ app }) => {
  await app.keyboard.press('f');
  await expect(app.getByText('No functions yet')).toBeVisible();
  await app.keyboard.press('n');
  const dialog = app.getByRole('dialog', { name: 'New function' });
  await dialog.getByLabel('Name of the function').fill('typed');
  await app.keyboard.press('Enter');
  await expect(editor(app)).toBeVisible();
  await app.keyboard.press('F6');
  await app.keyboard.press('F6');
  await app.keyboard.press('F6');
  await expect(editor(app)).toBeFocused();
  await app.keyboard.press('Control+Home');
  await app.keyboard.type('// n ? / f');
  await expect(editor(app)).toContainText('// n ? / f');
  await app.keyboard.press('Escape');
  await app.keyboard.press('Tab');
  await expect(editor(app)).not.toBeFocused();
  await app.keyboard.press('Alt+2');
  await expect(tab(app, 'History')).toBeFocused();
  await app.keyboard.press('Control+k');
  await app.keyboard.type('show code');
  await app.keyboard.press('Enter');
  await expect(editor(app)).toBeVisible();
  await row(app, 'typed').click();
  await app.keyboard.press('Delete');
  await app.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).press('Enter');
  await expect(app.getByText('No functions yet')).toBeVisible();
});

for (const colorScheme of ['dark', 'light'] as const) {
  test(`axe finds nothing in functions in ${colorScheme}`, async ({ app }) => {
    await app.emulateMedia({ colorScheme });
    await app.getByRole('button', { name: 'Functions' }).click();
    await expect(app.getByText('No functions yet')).toBeVisible();
    await expectAccessible(app, 'empty');
    await makeFirst(app, 'JavaScript');
    await app.keyboard.press('Control+Enter');
    await expect(result(app)).toContainText('Returned');
    await expectAccessible(app, 'returned');
    await replace(payload(app), '{"words": 1}');
    await app.keyboard.press('Control+Enter');
    await expect(result(app).getByRole('alert')).toBeVisible();
    await expectAccessible(app, 'threw');
    for (const name of ['History', 'Stats', 'Versions', 'Settings']) {
      await tab(app, name).click();
      if (name === 'History') await invocations(app).first().click();
      await expect(app.getByRole('tabpanel')).not.toContainText('Loading');
      await expectAccessible(app, name);
    }
    await app.getByRole('button', { name: 'New function' }).click();
    await expect(app.getByRole('dialog', { name: 'New function' })).toBeVisible();
    await expectAccessible(app, 'new function');
  });
}

test('200 functions with long names: only what is in sight is drawn, and one is found by its name', async ({
  app,
  host,
}) => {
  test.slow();
  const spec = { engine: 'wasm', code: { type: 'javascript', text: 'export const handler = () => 1' } } as const;
  let made = 0;
  const lane = async () => {
    while (made < 200) {
      const name = `a-name-that-is-as-long-as-the-names-of-functions-may-be-${String(made++).padStart(3, '0')}`;
      await host.client.functions.create({ name, spec });
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  await app.getByRole('button', { name: 'Functions' }).click();
  await expect(app.getByText('200 functions')).toBeVisible();
  expect(await app.getByRole('row').count()).toBeLessThan(80);
  await app.getByRole('searchbox', { name: 'Filter functions' }).fill('be-137');
  await expect(app.getByRole('row')).toHaveCount(1);
});

test('while the host is away what is typed stays, and everything goes on when it is back', async ({ page }) => {
  await using stack = new AsyncDisposableStack();
  const home = await makeHome();
  stack.defer(home.remove);
  const host = await startHost(home.path);
  stack.defer(host.kill);
  await openPage(page, host.link);
  await makeFirst(page, 'JavaScript');
  await page.waitForFunction(() => performance.getEntriesByName('terrarium:parts').length > 0);
  await host.kill();
  await expect(page.getByRole('contentinfo')).toContainText('Reconnecting');
  await replace(editor(page), 'export const handler = () => "typed while away";');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('connection');
  await page.keyboard.press('Control+Enter');
  await expect(result(page)).toContainText('connection');
  for (const name of ['History', 'Stats', 'Versions', 'Settings', 'Code']) await tab(page, name).click();
  await expect(editor(page)).toContainText('typed while away');

  const again = await startHost(home.path, { port: host.port });
  stack.defer(again.stop);
  await expect(page.getByRole('contentinfo')).toContainText('Connected');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved as version 2')).toBeVisible();
  await page.getByRole('button', { name: 'Invoke' }).click();
  await expect(result(page)).toContainText('"typed while away"');
});
