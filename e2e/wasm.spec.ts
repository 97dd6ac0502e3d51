import { expect, openConsole, row, terminalLine, test, type } from './support/test.ts';

const cases = [
  {
    name: 'JavaScript',
    runtime: 'quickjs',
    typed: ['const twice = (n) => n * 2', 'twice(2100) + 11', "std.writeFile('note', 'kept'); std.list()"],
    shown: ['4211', "[ 'note' ]"],
  },
  {
    name: 'Python',
    runtime: 'python',
    typed: ['twice = lambda n: n * 2', 'twice(2100) + 11', "open('note', 'w').write('kept')"],
    shown: ['4211', '4'],
  },
] as const;

for (const { name, runtime, typed, shown } of cases) {
  test(`WebAssembly: a console of ${name} on a machine with nothing installed`, async ({ app }, { outputDir }) => {
    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = app.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: 'WebAssembly' }).check({ force: true }); // its label takes the clicks
    await dialog.getByLabel('Runtime').selectOption(runtime);
    await dialog.getByRole('button', { name: 'What WebAssembly holds' }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: 'Fuel: enforced' }).first()).toBeVisible();
    await dialog.getByLabel('Name', { exact: true }).fill('one');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(row(app, 'one')).toContainText('Running', { timeout: 60_000 });

    await row(app, 'one').click();
    await expect(app.getByText('· isolated in WebAssembly')).toBeVisible();
    await openConsole(app, />/);
    for (const line of typed) await type(app, line);
    for (const line of shown) await expect(terminalLine(app, line).first()).toBeVisible({ timeout: 30_000 });
    await app.screenshot({ path: `${outputDir}/${runtime}.png` });
  });
}

test('WebAssembly: a file that is no module is refused where it was typed', async ({ app }) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'WebAssembly' }).check({ force: true }); // its label takes the clicks
  await dialog.getByLabel('Module', { exact: true }).fill('/etc/passwd');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(dialog.getByText('is no WebAssembly').first()).toBeVisible();
});
