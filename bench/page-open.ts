import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from '@playwright/test';
import type { HostProcess } from '../electron/hosts/testing/host-process.ts';
import type { Benchmark, Tools } from './benchmark.ts';
import { withBrowser, withPage } from './browser.ts';
import { createSandbox, newLink, withHost } from './host.ts';

const SANDBOXES = 500;
const OPENINGS = 9;
/** Creations that are on their way at once. */
const LANES = 8;

interface Painted {
  /** Since the navigation began. */
  readonly ms: number;
  /** Scripts that were asked for until then, by file name. */
  readonly scripts: readonly string[];
}

declare global {
  interface Window {
    terrariumPainted?: Promise<Omit<Painted, 'scripts'> & { readonly scripts: string[] }>;
  }
}

/** Runs in the page before its own scripts: notes when the list with all its rows is on the screen. */
function notePaint(rows: number): void {
  window.terrariumPainted = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      const grid = document.querySelector('[role="grid"]');
      if (Number(grid?.getAttribute('aria-rowcount')) < rows || !grid?.querySelector('[role="row"]')) return;
      observer.disconnect();
      // The frame that shows the change is painted before a message that is posted in it arrives.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port2.onmessage = () => {
          const ms = performance.now();
          const scripts = performance
            .getEntriesByType('resource')
            .filter(({ name, startTime }) => startTime < ms && name.endsWith('.js'))
            .map(({ name }) => name);
          resolve({ ms, scripts });
        };
        port1.postMessage(null);
      });
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
}

async function openOnce(browser: Browser, host: HostProcess, rows: number): Promise<Painted> {
  const link = await newLink(host);
  return withPage(browser, async (page) => {
    await page.addInitScript(notePaint, rows);
    await page.goto(link, { waitUntil: 'commit' });
    return page.evaluate(() => {
      if (!window.terrariumPainted) throw new Error('the page was left before it was measured');
      return window.terrariumPainted;
    });
  });
}

/** Real sandboxes, made by the host and not started. */
async function makeSandboxes(host: HostProcess, signal: AbortSignal): Promise<void> {
  let made = 0;
  const lane = async () => {
    while (made < SANDBOXES) {
      signal.throwIfAborted();
      const name = `bench-${String(made++).padStart(3, '0')}`;
      await createSandbox(host, { engine: 'process', name, source: { type: 'empty' } }, false);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function gzipKB(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file)).byteLength));
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

/** Foreign containers of this machine are in the list too; `rows` is what is there at least. */
export const pageOpen: Benchmark = {
  figures: ['listFirstPaintMs', 'pageJsGzipKB', 'pageJsTotalGzipKB'],
  needsBrowser: true,
  run: (tools: Tools) =>
    withHost(async (host) => {
      await makeSandboxes(host, tools.signal);
      const opened = await withBrowser(tools, async (browser) => {
        const all: Painted[] = [];
        while (all.length <= OPENINGS) {
          tools.signal.throwIfAborted();
          all.push(await openOnce(browser, host, SANDBOXES));
        }
        return all.slice(1);
      });
      const assets = join(tools.pageFolder, 'assets');
      const all = (await readdir(assets)).filter((name) => name.endsWith('.js')).map((name) => join(assets, name));
      const first = (opened[0]?.scripts ?? []).map((url) => join(assets, basename(new URL(url).pathname)));
      return {
        listFirstPaintMs: { samples: opened.map(({ ms }) => ms), notes: { sandboxes: SANDBOXES } },
        pageJsGzipKB: { samples: [await gzipKB(first)], notes: { files: first.length } },
        pageJsTotalGzipKB: { samples: [await gzipKB(all)], notes: { files: all.length } },
      };
    }),
};
