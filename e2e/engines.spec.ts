import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import type { EngineKind } from '../shared/model/spec.ts';
import { expect, openConsole, openPage, row, terminalLine, test, type } from './support/test.ts';

interface Case {
  readonly kind: EngineKind;
  /** As the dialog names it. */
  readonly label: string;
  readonly runtime?: { readonly name: string; readonly label: string };
  readonly image?: true;
  readonly isolation: string;
  /** A line of the card. */
  readonly card: string;
}

const cases: readonly Case[] = [
  { kind: 'process', label: 'Process', isolation: 'not isolated from this machine', card: 'CPU: not supported' },
  { kind: 'virtualenv', label: 'Virtualenv', isolation: 'not isolated from this machine', card: 'Packages: enforced' },
  { kind: 'namespace', label: 'Namespace', isolation: 'isolated by namespaces', card: 'Memory: enforced' },
  { kind: 'docker', label: 'Docker', image: true, isolation: 'isolated in a container', card: 'Memory: enforced' },
  {
    kind: 'docker',
    label: 'Docker',
    runtime: { name: 'runsc', label: 'gVisor (runsc)' },
    image: true,
    isolation: 'isolated by a kernel of its own',
    card: 'Memory: enforced',
  },
  { kind: 'podman', label: 'Podman', image: true, isolation: 'isolated in a container', card: 'Memory: enforced' },
];

for (const { kind, label, runtime, image, isolation, card } of cases) {
  test(`${runtime?.label ?? label}: its card says what it holds, and a console works in it`, async ({ app, host }) => {
    const reports = await host.client.engines.list({});
    const report = reports.find((each) => each.kind === kind);
    const missing =
      report?.status !== 'available'
        ? (report?.reason ?? `${kind} is not built in`)
        : runtime && !report.runtimes.some(({ name }) => name === runtime.name)
          ? `${kind} has no runtime ${runtime.name}`
          : null;
    test.skip(missing !== null && process.env.TERRARIUM_REQUIRE_ENGINES !== 'all', missing ?? '');
    expect(missing).toBeNull();

    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = app.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: label }).check({ force: true }); // its label takes the clicks
    if (runtime) await dialog.getByLabel('Runtime').selectOption(runtime.name);
    await dialog.getByRole('button', { name: `What ${label} holds` }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: card }).first()).toBeVisible();
    if (image) await dialog.getByLabel('Image').fill(TEST_IMAGE);
    await dialog.getByLabel('Name').fill('one');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(row(app, 'one')).toContainText('Running');

    await row(app, 'one').click();
    await expect(app.getByText(`· ${isolation}`)).toBeVisible();
    await openConsole(app);
    await type(app, 'echo $((6*7))');
    await expect(terminalLine(app, '42')).toBeVisible();

    await app.getByRole('button', { name: 'Destroy', exact: true }).click();
    await app.getByRole('alertdialog').getByRole('button', { name: 'Destroy' }).click();
    await expect(row(app, 'one')).toHaveCount(0);
  });
}

test.describe('an engine that does not answer', () => {
  test.use({ hostEnv: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });

  test('is explained where it would be chosen', async ({ page, host }) => {
    await openPage(page, host.link);
    await page.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'New sandbox' });
    const docker = dialog.getByRole('radio', { name: 'Docker' });
    await expect(docker).toBeDisabled();
    await expect(docker).toHaveAccessibleDescription(/Unreachable: .*\/nowhere\/docker\.sock.*DOCKER_HOST/s);
  });
});
