import { test as base, expect, type Locator, type Page } from '@playwright/test';
import type { Terminal } from '@xterm/xterm';
import { dockerMissing } from '../../electron/hosts/testing/engine-truth.ts';
import { type HostProcess, makeHome, startHost } from '../../electron/hosts/testing/host-process.ts';

declare global {
  interface Window {
    /** Given by the page when `terrarium.bench` is set in its storage. */
    terrariumBench?: { readonly terminal: Terminal };
  }
}

interface Fixtures {
  /** Added to the host's environment. */
  readonly hostEnv: Readonly<Record<string, string>>;
  /** A real web host of this test's own; its sandboxes are destroyed afterwards. */
  readonly host: HostProcess;
  readonly home: string;
  /** The page, opened from the host's link, with terminals that a screen reader (and a test) can read. */
  readonly app: Page;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern to see what a fixture needs.
  home: async ({}, use) => {
    const home = await makeHome();
    await use(home.path);
    await home.remove();
  },
  hostEnv: [{}, { option: true }],
  host: async ({ home, hostEnv }, use) => {
    const host = await startHost(home, { env: hostEnv });
    await use(host);
    for (const { id, foreign } of await host.client.sandboxes.list({})) {
      if (!foreign) await host.client.sandboxes.destroy({ id });
    }
    await host.stop();
  },
  app: async ({ host, page }, use) => {
    await openPage(page, host.link);
    await use(page);
  },
});

export { expect };

/** How a test reads a terminal: like a screen reader, or (for floods, which that mode slows down) from its buffer. */
type Reading = 'screenReader' | 'bench';

export async function openPage(page: Page, link: string, reading: Reading = 'screenReader'): Promise<void> {
  await page.addInitScript((key) => localStorage.setItem(`terrarium.${key}`, '1'), reading);
  await page.goto(link);
  await expect(page.getByRole('button', { name: 'New sandbox' }).first()).toBeVisible();
}

const docker = await dockerMissing();

/** Why tests with Docker cannot run here; null when they can, or when a missing engine must be a failure. */
export const skipDocker = process.env.TERRARIUM_REQUIRE_ENGINES === 'all' ? null : docker;

export const row = (page: Page, name: string): Locator => page.getByRole('row', { name, exact: true });

/** Cores in use times 100, as the list shows them; NaN before the first reading. */
export async function shownCpuPercent(page: Page, name: string): Promise<number> {
  const text = await row(page, name).innerText();
  return Number(/([\d.,]+)\s*%/.exec(text)?.[1]?.replace(',', '') ?? Number.NaN);
}

/** The visible terminal, as a screen reader reads it. */
export const terminal = (page: Page): Locator => page.locator('.xterm-accessibility-tree:visible');

/** The last written lines of the visible terminal, from its buffer; the page must have been opened for `bench`. */
export function bufferTail(page: Page, count: number): Promise<readonly string[]> {
  return page.evaluate((wanted) => {
    const buffer = window.terrariumBench?.terminal.buffer.active;
    if (!buffer) return [];
    const end = buffer.baseY + buffer.cursorY + 1;
    const lines: string[] = [];
    for (let index = Math.max(0, end - wanted); index < end; index += 1) {
      lines.push(buffer.getLine(index)?.translateToString(true) ?? '');
    }
    return lines;
  }, count);
}

/** Lines of the visible terminal that are exactly this text. */
export function terminalLine(page: Page, text: string): Locator {
  const escaped = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return terminal(page)
    .getByRole('listitem')
    .filter({ hasText: new RegExp(`^\\s*${escaped}\\s*$`) });
}

export async function openConsole(page: Page, prompt = /[$#] /): Promise<void> {
  await page.getByRole('tab', { name: 'Console' }).click();
  await page.getByRole('button', { name: 'New console' }).first().click();
  await expect(terminal(page)).toContainText(prompt);
}

export async function type(page: Page, line: string): Promise<void> {
  await page.locator('.xterm-helper-textarea:visible').focus();
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
}
