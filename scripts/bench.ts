// `npm run bench`: how fast and how small Terrarium is on this machine, beside what it competes with.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { type FigureName, figureNames, infoOf, isFigureName } from '../bench/figures.ts';
import { renderTable } from '../bench/report.ts';
import { runBenchmarks } from '../bench/run.ts';
import playwrightConfig from '../playwright.config.ts';
import { buildPage } from './build-page.ts';

const usage = `npm run bench                     everything, as a table
npm run bench -- --json           one JSON object on one line, the last of the output
npm run bench -- --only a,b       only these figures (and what they are compared with)

${figureNames.map((name) => `  ${name.padEnd(18)} ${infoOf(name).what}`).join('\n')}`;

interface Options {
  readonly json: boolean;
  readonly help: boolean;
  readonly only: readonly FigureName[];
}

/** Throws an error that says what is wrong with the arguments. */
function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const names = values.only.flatMap((list) => list.split(',')).map((name) => name.trim());
  const strange = names.find((name) => !isFigureName(name));
  if (strange !== undefined) throw new Error(`There is no figure "${strange}".`);
  return { ...values, only: names.length > 0 ? names.filter(isFigureName) : figureNames };
}

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

async function main({ json, only }: Options): Promise<number> {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
  // Standard output is for the result alone.
  const say = (line: string) => console.error(line);
  if ((await buildPage()) === 'built') say('built the page');
  const launchOptions = playwrightConfig.use?.launchOptions ?? {};
  const hasBrowser = existsSync(launchOptions.executablePath ?? chromium.executablePath());
  const tools = {
    launchOptions,
    browserMissing: hasBrowser ? null : 'Chromium is missing; run: npm run provision',
    pageFolder: join(import.meta.dirname, '../dist/page'),
    signal: abort.signal,
  };
  try {
    const { report, failures } = await runBenchmarks({ only, tools, say });
    console.log(json ? JSON.stringify(report) : renderTable(report));
    for (const failure of failures) say(failure);
    return failures.length > 0 ? 1 : 0;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    say('interrupted; everything that was started is gone');
    return 130;
  }
}

const options = readOptions();
if (options.help) console.log(usage);
else process.exitCode = await main(options);
