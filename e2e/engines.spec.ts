import type { Client } from '../electron/hosts/client/connection.ts';
import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import type { EngineKind } from '../shared/model/spec.ts';
import { expect, openConsole, openPage, row, terminalLine, test, type } from './support/test.ts';

interface Case {
  readonly kind: EngineKind;
  /** As the dialog names it. */
  readonly label: string;
  readonly runtime?: { readonly name: string; readonly label: string } | undefined;
  readonly image?: true | undefined;
  readonly isolation: string;
  /** A line of the card. */
  readonly card: string;
}

const gvisor = { name: 'runsc', label: 'gVisor (runsc)' };

const cases: readonly Case[] = [
  { kind: 'process', label: 'Process', isolation: 'not isolated from this machine', card: 'CPU: not supported' },
  { kind: 'virtualenv', label: 'Virtualenv', isolation: 'not isolated from this machine', card: 'Packages: enforced' },
  { kind: 'namespace', label: 'Namespace', isolation: 'isolated by namespaces', card: 'Memory: enforced' },
  {
    kind: 'namespace',
    label: 'Namespace',
    runtime: gvisor,
    isolation: 'isolated by a kernel of its own',
    card: 'Memory: enforced',
  },
  { kind: 'docker', label: 'Docker', image: true, isolation: 'isolated in a container', card: 'Memory: enforced' },
  {
    kind: 'docker',
    label: 'Docker',
    runtime: gvisor,
    image: true,
    isolation: 'isolated by a kernel of its own',
    card: 'Memory: enforced',
  },
  { kind: 'podman', label: 'Podman', image: true, isolation: 'isolated in a container', card: 'Memory: enforced' },
];

/** Null when such a sandbox can be made here. */
async function whyMissing(client: Client, { kind, runtime, image }: Pick<Case, 'kind' | 'runtime' | 'image'>) {
  const report = (await client.engines.list({})).find((each) => each.kind === kind);
  if (report?.status !== 'available') return report?.reason ?? `${kind} is not built in`;
  if (runtime && !report.runtimes.some(({ name }) => name === runtime.name)) return `${kind} has no ${runtime.name}`;
  const images = image ? await client.images.list({ engine: kind }) : [];
  const isThere = images.some(({ tags }) => tags.some((tag) => tag.endsWith(TEST_IMAGE)));
  return image && !isThere ? `${kind} has no image ${TEST_IMAGE}` : null;
}

for (const { kind, label, runtime, image, isolation, card } of cases) {
  const title = runtime ? `${label} with ${runtime.label}` : label;
  test(`${title}: its card says what it holds, and a console works in it`, async ({ app, host }) => {
    const missing = await whyMissing(host.client, { kind, runtime, image });
    test.skip(missing !== null && process.env.TERRARIUM_REQUIRE_ENGINES !== 'all', missing ?? '');
    expect(missing).toBeNull();

    await app.getByRole('button', { name: 'New sandbox' }).first().click();
    const dialog = app.getByRole('dialog', { name: 'New sandbox' });
    await dialog.getByRole('radio', { name: label }).check({ force: true }); // its label takes the clicks
    if (runtime) await dialog.getByLabel('Runtime').selectOption(runtime.name);
    await dialog.getByRole('button', { name: `What ${label} holds` }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: card }).first()).toBeVisible();
    if (image) await dialog.getByLabel('Image').fill(TEST_IMAGE);
    await dialog.getByLabel('Name', { exact: true }).fill('one');
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

test('gVisor: what runs is saved, and gone back to, in the page', async ({ app, host }) => {
  const missing = await whyMissing(host.client, { kind: 'docker', runtime: gvisor, image: true });
  test.skip(missing !== null && process.env.TERRARIUM_REQUIRE_ENGINES !== 'all', missing ?? '');
  const spec = {
    engine: 'docker',
    runtime: 'runsc',
    name: 'saved',
    source: { type: 'image', reference: TEST_IMAGE },
    command: ['sh', '-c', 'n=0; while :; do n=$((n+1)); echo $n > /tmp/n; sleep 0.1; done'],
  } as const;
  let id = '';
  for await (const item of await host.client.sandboxes.create({ spec: { ...spec, command: [...spec.command] } })) {
    if (item.type === 'created') id = item.sandbox.id;
  }
  const count = async () => {
    let text = '';
    for await (const item of await host.client.executions.run({ sandboxId: id, command: ['cat', '/tmp/n'] })) {
      if (item.type === 'stdout') text += item.data;
    }
    return Number(text);
  };

  await row(app, 'saved').click();
  await app.getByLabel('Name of the snapshot').fill('early');
  await app.getByRole('button', { name: 'Save now' }).click();
  const back = app.getByRole('button', { name: 'Go back to early' });
  await expect(back).toBeEnabled({ timeout: 20_000 });
  const saved = await count();
  await expect.poll(count).toBeGreaterThan(saved + 50);
  const late = await count();
  await back.click();
  await app.getByRole('alertdialog').getByRole('button', { name: 'Go back' }).click();
  await expect(back).toBeEnabled({ timeout: 20_000 });
  await expect(row(app, 'saved')).toContainText('Running');
  expect(await count()).toBeLessThan(late);
});

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
