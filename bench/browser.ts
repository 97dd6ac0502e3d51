import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import type { Tools } from './benchmark.ts';

/** The browser of one benchmark; Ctrl+C is the run's own to handle. */
export async function withBrowser<T>(
  { launchOptions, signal }: Tools,
  use: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await chromium.launch({
    ...launchOptions,
    headless: true,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  // What a page is still to answer ends with its browser.
  const close = () => void browser.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    return await use(browser);
  } finally {
    signal.removeEventListener('abort', close);
    await browser.close();
  }
}

/** A page in a context of its own: nothing cached, nobody known. */
export async function withPage<T>(browser: Browser, use: (page: Page, context: BrowserContext) => Promise<T>) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    return await use(await context.newPage(), context);
  } finally {
    await context.close();
  }
}
