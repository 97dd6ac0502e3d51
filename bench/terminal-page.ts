import { type Browser, expect, type Page } from '@playwright/test';
import type { Terminal } from '@xterm/xterm';
import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import { withPage } from './browser.ts';
import { newLink } from './host.ts';

/**
 * How output says where it is: an operating system command that terminals ignore, seen by the parser
 * at its place in the stream. What follows it in the same chunk is drawn with it.
 */
const MARK = 7777;
export const mark = (name: string) => `\x1b]${MARK};${name}\x07`;

declare global {
  interface Window {
    /** Given by the page when `terrarium.bench` is set in its storage. */
    terrariumBench?: { readonly terminal: Terminal };
    terrariumMarks?: {
      /** Resolves with the time at which the frame after the mark was drawn; rejects when it does not come. */
      readonly drawn: (name: string) => Promise<number>;
    };
    /** Milliseconds of the Ctrl+C that comes next. */
    terrariumInterrupt?: Promise<number>;
  }
}

const MARK_LIMIT_MS = 120_000;

/** Runs in the page: makes marks of the visible terminal known. */
function watchMarks({ code, limitMs }: { readonly code: number; readonly limitMs: number }): void {
  const terminal = window.terrariumBench?.terminal;
  if (!terminal) throw new Error('the page shows no terminal');
  const waiting = new Map<string, () => void>();
  terminal.parser.registerOscHandler(code, (name) => {
    waiting.get(name)?.();
    waiting.delete(name);
    return true;
  });
  window.terrariumMarks = {
    drawn: (name) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the mark "${name}" was never drawn`)), limitMs);
        waiting.set(name, () => {
          clearTimeout(timer);
          const listener = terminal.onRender(() => {
            listener.dispose();
            resolve(performance.now());
          });
        });
      }),
  };
}

/** The page with a fresh console of a sandbox in front, whose prompt carries the mark `prompt`. */
export function withTerminal<T>(
  browser: Browser,
  host: HostProcess,
  sandbox: string,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  return withPage(browser, async (page) => {
    await page.addInitScript(() => localStorage.setItem('terrarium.bench', '1'));
    await page.goto(await newLink(host));
    await page.getByRole('row', { name: sandbox, exact: true }).click();
    await page.getByRole('tab', { name: 'Console' }).click();
    await page.getByRole('button', { name: 'New console' }).first().click();
    await expect(page.locator('.xterm-helper-textarea:visible')).toBeAttached();
    await page.evaluate(watchMarks, { code: MARK, limitMs: MARK_LIMIT_MS });
    await enter(page, `PS1=$(printf '\\033]${MARK};prompt\\007$ ')`, 'prompt');
    return use(page);
  });
}

/** Types a line; resolves with the milliseconds from its Enter key until `until` was drawn. */
export function enter(page: Page, line: string, until: string): Promise<number> {
  return page.evaluate(
    async ({ line, until }) => {
      const { terrariumBench, terrariumMarks } = window;
      if (!terrariumBench || !terrariumMarks) throw new Error('the page shows no terminal');
      const drawn = terrariumMarks.drawn(until);
      const start = performance.now();
      terrariumBench.terminal.input(`${line}\r`);
      return (await drawn) - start;
    },
    { line, until },
  );
}
