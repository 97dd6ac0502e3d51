import type { Locator } from '@playwright/test';
import { TEST_IMAGE } from '../electron/hosts/testing/engine-truth.ts';
import { make, shell, show } from './support/sandboxes.ts';
import { expect, openConsole, row, skipDocker, test } from './support/test.ts';

async function box(element: Locator) {
  const found = await element.boundingBox();
  if (!found) throw new Error('it is not shown');
  return found;
}

test('in a small window nothing in the header lies over something else', async ({ app, host }) => {
  await app.setViewportSize({ width: 800, height: 600 });
  await show(app, host, 'Overview', 'a-name-that-is-rather-long');
  const header = app.getByRole('region', { name: 'a-name-that-is-rather-long' }).locator('header');
  const parts = [
    header.getByRole('heading'),
    header.getByRole('status'),
    header.getByText(/^Process/),
    header.getByText('not isolated from this machine'),
    header.getByRole('toolbar'),
  ];
  const boxes = await Promise.all(parts.map(box));
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      const apart =
        one.x + one.width <= other.x ||
        other.x + other.width <= one.x ||
        one.y + one.height <= other.y ||
        other.y + other.height <= one.y;
      expect(apart, JSON.stringify([one, other])).toBe(true);
    }
  }
});

test('the margin around a terminal has its colour, dark and light', async ({ app, host }) => {
  await show(app, host, 'Overview', 'typed-in');
  await openConsole(app);
  const screen = app.locator('.xterm-scrollable-element:visible').first();
  for (const colorScheme of ['light', 'dark'] as const) {
    await app.emulateMedia({ colorScheme });
    await expect
      .poll(() =>
        screen.evaluate((element) => {
          const colorOf = (node: Element | null) => (node ? getComputedStyle(node).backgroundColor : '');
          return [colorOf(element), colorOf(element.closest('[role="tabpanel"]'))];
        }),
      )
      .toEqual(colorScheme === 'light' ? Array(2).fill('rgb(255, 255, 255)') : Array(2).fill('rgb(14, 16, 20)'));
  }
});

test('a name in the list has the room that nothing else needs', async ({ app, host }) => {
  const name = 'a-name-of-thirty-five-characters-ok';
  await make(host.client, name);
  const cell = row(app, name).getByTitle(name, { exact: true });
  // The figures of what runs stand beside it.
  await expect(row(app, name)).toContainText('%', { timeout: 15_000 });
  expect(await cell.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
});

const engines = [
  { label: 'Process', spec: {}, skip: null },
  {
    label: 'Docker',
    spec: { engine: 'docker', source: { type: 'image', reference: TEST_IMAGE } },
    skip: skipDocker,
  },
] as const;

for (const { label, spec, skip } of engines) {
  test(`${label}: a stop that was asked for does not look like a failure; a failure does`, async ({ app, host }) => {
    test.skip(skip !== null, skip ?? '');
    const exit = (text: RegExp) => app.getByRole('tabpanel').locator('dd').getByText(text);
    const isRed = (element: Locator) =>
      element.evaluate((node) => getComputedStyle(node).color !== getComputedStyle(document.body).color);
    await show(app, host, 'Overview', 'stopped', spec);
    await app.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(exit(/^stopped on request/)).toBeVisible({ timeout: 20_000 });
    expect(await isRed(exit(/^stopped on request/))).toBe(false);

    await make(host.client, 'failed', { ...spec, ...shell('exit 3') });
    await expect(row(app, 'failed')).toContainText('Stopped');
    await row(app, 'failed').click();
    await expect(exit(/^exit code 3$/)).toBeVisible();
    expect(await isRed(exit(/^exit code 3$/))).toBe(true);
  });
}
