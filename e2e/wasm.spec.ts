import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWheels } from '../electron/engines/local/wheels-for-tests.ts';
import { expectAccessible } from './support/axe.ts';
import { show } from './support/sandboxes.ts';
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

/** Imports a function that nobody gives. */
const greedy = Buffer.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0],
  ...[2, 14, 1, 3, ...Buffer.from('env'), 6, ...Buffer.from('secret'), 0, 0],
]);

test('WebAssembly: a module is chosen from a file, what it asks for is shown, and it runs with its fuel', async ({
  app,
}) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'WebAssembly' }).check({ force: true }); // its label takes the clicks
  const chooser = app.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Choose a file…' }).click();
  await (await chooser).setFiles({ name: 'greedy.wasm', mimeType: 'application/wasm', buffer: greedy });
  await expect(dialog.getByText('It asks for what no module is given here: env.secret.')).toBeVisible();
  await expect(dialog.getByLabel('Module', { exact: true })).toHaveAttribute('aria-invalid', 'true');

  await dialog.getByRole('button', { name: 'Fill in an example' }).click();
  await expect(dialog.getByText('1 import, allowed')).toBeVisible();
  await dialog.getByRole('button', { name: '2 exports' }).click();
  await expect(dialog.getByRole('listitem').filter({ hasText: '_start() → ()' })).toBeVisible();
  await expectAccessible(app, 'a module in the dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('counting');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(row(app, 'counting')).toContainText('Stopped', { timeout: 60_000 });
  await row(app, 'counting').click();
  await expect(app.getByRole('definition').filter({ hasText: /^exit code 0 · [\d,]{9,} instructions$/ })).toBeVisible();
  await expect(app.getByText('1 import, allowed')).toBeVisible();
  await expectAccessible(app, 'a module in Overview');
  await app.getByRole('tab', { name: 'Logs' }).click();
  await expect(app.getByText('Primes below 1000000: 78498')).toBeVisible();
});

test('WebAssembly: a module is dropped onto the dialog', async ({ app }) => {
  await app.getByRole('button', { name: 'New sandbox' }).first().click();
  const dialog = app.getByRole('dialog', { name: 'New sandbox' });
  await dialog.getByRole('radio', { name: 'WebAssembly' }).check({ force: true }); // its label takes the clicks
  const files = await app.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], 'dropped.wasm'));
      return transfer;
    },
    [...greedy],
  );
  const field = dialog.getByLabel('Module', { exact: true });
  await field.dispatchEvent('dragover', { dataTransfer: files });
  await expect(dialog.getByText('Drop it here')).toBeVisible();
  await field.dispatchEvent('drop', { dataTransfer: files });
  await expect(field).toHaveValue(/\/dropped\.wasm$/);
  await expect(dialog.getByText('1 import, refused')).toBeVisible();
});

for (const { runtime, shown } of [
  { runtime: 'quickjs', shown: '9 words, the longest is quick' },
  { runtime: 'python', shown: 'sum of squares: 328350' },
]) {
  test(`WebAssembly: the example of ${runtime} runs`, async ({ app }) => {
    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = app.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: 'WebAssembly' }).check({ force: true }); // its label takes the clicks
    await dialog.getByLabel('Runtime').selectOption(runtime);
    await dialog.getByRole('button', { name: 'Fill in an example' }).click();
    await dialog.getByLabel('Name', { exact: true }).fill('one');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(row(app, 'one')).toContainText('Stopped', { timeout: 60_000 });
    await row(app, 'one').click();
    await app.getByRole('tab', { name: 'Logs' }).click();
    await expect(app.getByText(shown)).toBeVisible();
  });
}

test('WebAssembly: fuel and linear memory are charts while it runs', async ({ app, host }) => {
  await show(app, host, 'Stats', 'burning', {
    engine: 'wasm',
    runtime: 'quickjs',
    command: ['js', '-e', 'for (;;) std.write("")'],
    limits: { fuel: 1e15, memoryBytes: 64 * 1024 * 1024 },
  });
  await expect(app.getByRole('img', { name: /^Fuel, now .* [GM]\/s$/ })).toBeVisible({ timeout: 30_000 });
  await expect(app.getByRole('img', { name: /^Linear memory, now .*iB$/ })).toBeVisible();
  await app.getByRole('tab', { name: 'Overview' }).click();
  await expect(app.getByText(/^[\d.]+ [GM]\/s$/).first()).toBeVisible();
});

test('WebAssembly: Python’s packages come from wheels of the workspace, and compiled ones are refused by name', async ({
  app,
  host,
}) => {
  const sandbox = await show(app, host, 'Packages', 'with-wheels', { engine: 'wasm', runtime: 'python' });
  const wheels = join(sandbox.workspace ?? '', 'wheels');
  await mkdir(wheels);
  await writeWheels(wheels, [
    { name: 'alpha', version: '1.0', requires: ['beta'] },
    { name: 'beta', version: '2.0' },
  ]);
  await writeFile(join(wheels, 'native-1.0-cp314-cp314-manylinux_2_28_x86_64.whl'), '');
  await app.getByLabel('Packages to install').fill('alpha');
  await app.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(app.getByText('Installing alpha 1.0, beta 2.0')).toBeVisible({ timeout: 30_000 });
  await expect(app.getByText('2 packages')).toBeVisible();
  await app.getByLabel('Packages to install').fill('native');
  await app.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(app.getByText('it has compiled parts (cp314-cp314-manylinux_2_28_x86_64)').first()).toBeVisible();
  await app.getByRole('tab', { name: 'Console' }).click();
  await openConsole(app, />>>/);
  await type(app, 'import alpha, beta; alpha.version + beta.version');
  await expect(terminalLine(app, "'1.02.0'").first()).toBeVisible({ timeout: 30_000 });
});
