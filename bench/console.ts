import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JSHandle, Page } from '@playwright/test';
import { barePtyMs } from './bare-pty.ts';
import { type Benchmark, toOutcomes } from './benchmark.ts';
import { withBrowser } from './browser.ts';
import { createSandbox, withHost } from './host.ts';
import { byTurns } from './measure.ts';
import { rounded, summarize } from './statistics.ts';
import { enter, mark, withTerminal } from './terminal-page.ts';

const MEGABYTE = 1e6;
const FLOOD_BYTES = 8 * MEGABYTE;
const ROUNDS = 7;
const INTERRUPTS = 9;
const FLOOD_MS = 1000;
/** As large as the pieces that a busy host sends. */
const PIECE = 64 * 1024;

const SANDBOX = 'bench-console';

/** What a build or a test run prints: times, colours, paths, some box drawing. Always the same. */
function logLines(bytes: number): string {
  const levels = ['\x1b[32mINFO\x1b[0m', '\x1b[33mWARN\x1b[0m', '\x1b[36mDEBUG\x1b[0m', '\x1b[1;31mERROR\x1b[0m'];
  const lines: string[] = [];
  for (let line = 0, size = 0; size < bytes; line++) {
    const level = levels[(line * 7) % 4] ?? '';
    const text = `12:${String(line % 60).padStart(2, '0')} ${level} ├─ src/module-${line % 97}/part-${line % 13}.ts \x1b[2m(${line} of many)\x1b[0m done in ${(line * 31) % 1000} ms\n`;
    lines.push(text);
    size += Buffer.byteLength(text);
  }
  return lines.join('');
}

/** Writes text straight into the terminal, in pieces; the milliseconds until `end` was drawn. */
function writeDirectly(page: Page, text: JSHandle<string>): Promise<number> {
  return page.evaluate(
    async ({ text, piece }) => {
      const { terrariumBench, terrariumMarks } = window;
      if (!terrariumBench || !terrariumMarks) throw new Error('the page shows no terminal');
      const drawn = terrariumMarks.drawn('end');
      const start = performance.now();
      for (let at = 0; at < text.length; at += piece) terrariumBench.terminal.write(text.slice(at, at + piece));
      return (await drawn) - start;
    },
    { text, piece: PIECE },
  );
}

export const consoleThroughput: Benchmark = {
  figures: ['consoleMBps', 'xtermParseMBps', 'ptyReadMBps'],
  needsBrowser: true,
  run: async (tools) => {
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-bench-'));
    const flood = `${logLines(FLOOD_BYTES)}${mark('end')}.\n`;
    await writeFile(join(folder, 'flood'), flood);
    // As the terminal's line discipline sends it.
    const received = flood.replaceAll('\n', '\r\n');
    const megabytes = Buffer.byteLength(received) / MEGABYTE;
    try {
      return await withHost(async (host) => {
        const spec = { engine: 'process', name: SANDBOX, source: { type: 'directory', path: folder } } as const;
        await createSandbox(host, spec);
        return withBrowser(tools, (browser) =>
          withTerminal(browser, host, SANDBOX, async (page) => {
            const text = await page.evaluateHandle((value) => value, received);
            const samples = await byTurns(ROUNDS, tools.signal, {
              async consoleMBps() {
                const ms = await enter(page, 'cat flood', 'end');
                await enter(page, '', 'prompt');
                return (megabytes * 1000) / ms;
              },
              xtermParseMBps: async () => (megabytes * 1000) / (await writeDirectly(page, text)),
              ptyReadMBps: async () => (megabytes * 1000) / (await barePtyMs(['cat', 'flood'], folder)),
            });
            const ratios = samples.consoleMBps.map((value, round) => value / (samples.xtermParseMBps[round] ?? value));
            const notes = { megabytes, medianOfRatios: rounded(summarize(ratios).median) };
            return { ...toOutcomes(samples), consoleMBps: { samples: samples.consoleMBps, notes } };
          }),
        );
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Presses Ctrl+C in a flood; the milliseconds from the key press to the prompt drawn. */
async function interruptMs(page: Page): Promise<number> {
  await page.evaluate(() => window.terrariumBench?.terminal.input('yes\r'));
  await sleep(FLOOD_MS);
  await page.evaluate(() => {
    const { terrariumMarks } = window;
    if (!terrariumMarks) throw new Error('the page shows no terminal');
    const pressed = new Promise<number>((resolve) => {
      const onKey = (event: KeyboardEvent) => {
        if (!event.ctrlKey || event.key !== 'c') return;
        window.removeEventListener('keydown', onKey, true);
        // When the key was pressed, not when the busy page came to look at it.
        resolve(event.timeStamp);
      };
      window.addEventListener('keydown', onKey, true);
    });
    const drawn = terrariumMarks.drawn('prompt');
    window.terrariumInterrupt = Promise.all([pressed, drawn]).then(([start, end]) => end - start);
  });
  await page.keyboard.press('Control+c');
  return page.evaluate(() => window.terrariumInterrupt ?? Number.NaN);
}

export const consoleInterrupt: Benchmark = {
  figures: ['consoleCtrlCMs'],
  needsBrowser: true,
  run: (tools) =>
    withHost(async (host) => {
      await createSandbox(host, { engine: 'process', name: SANDBOX, source: { type: 'empty' } });
      return withBrowser(tools, (browser) =>
        withTerminal(browser, host, SANDBOX, async (page) => {
          await page.evaluate(() => window.terrariumBench?.terminal.focus());
          const { consoleCtrlCMs } = await byTurns(INTERRUPTS, tools.signal, {
            consoleCtrlCMs: () => interruptMs(page),
          });
          return { consoleCtrlCMs: { samples: consoleCtrlCMs, notes: { floodMs: FLOOD_MS } } };
        }),
      );
    }),
};
