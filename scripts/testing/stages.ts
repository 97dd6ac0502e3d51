import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { findChromium } from '../provision/chromium.ts';
import type { PlannedStage } from './options.ts';
import { failure, type Outcome } from './outcome.ts';
import { readReport, reportVariable } from './report-file.ts';
import type { CommandEnd } from './run-command.ts';

export interface StageContext {
  readonly folder: string;
  readonly filters: readonly string[];
  readonly say: (line: string) => void;
  readonly isInterrupted: () => boolean;
  readonly buildFailed: () => boolean;
  readonly run: (
    argv: readonly string[],
    timeoutMs: number,
    env?: Readonly<Record<string, string>>,
  ) => Promise<CommandEnd>;
}

export type Stage = (context: StageContext) => Promise<readonly Outcome[]>;

const minute = 60_000;
const reporters = import.meta.dirname;

export const stages: Readonly<Record<PlannedStage, Stage>> = {
  async check(context) {
    context.say('types (tsc -b)');
    const types = await context.run(['tsc', '-b'], 5 * minute);
    if (context.isInterrupted()) return [single('types', types)];
    context.say('lint (biome check)');
    const lint = await context.run(['biome', 'check', '--error-on-warnings', '.'], 3 * minute);
    return [single('types', types), single('lint', lint)];
  },

  async unit(context) {
    context.say('unit and engine contract tests (vitest)');
    const report = join(context.folder, 'unit.ndjson');
    const reporter = join(reporters, 'vitest-reporter.ts');
    const argv = ['vitest', 'run', '--allowOnly=false', '--reporter=default', `--reporter=${reporter}`];
    const filtered = context.filters.length > 0;
    const end = await context.run(
      [...argv, ...(filtered ? ['--passWithNoTests', ...context.filters] : [])],
      40 * minute,
      { [reportVariable]: report },
    );
    return readReport('unit', report, { problem: end.problem, mayBeEmpty: filtered });
  },

  /** Before the unit tests: those of the hosts serve the built page. */
  async build(context) {
    context.say('build');
    return [single('build', await context.run([process.execPath, 'scripts/run.mjs', 'build'], 4 * minute))];
  },

  async e2e(context) {
    if (context.buildFailed()) return [failure('e2e', 'all', 'not run, because the build failed')];
    context.say('end-to-end tests (playwright)');
    if (findChromium() === null && !existsSync(chromium.executablePath())) {
      return [{ suite: 'e2e', name: 'all', status: 'skipped', detail: 'there is no Chromium on this machine' }];
    }
    const report = join(context.folder, 'e2e.ndjson');
    const reporter = join(reporters, 'playwright-reporter.ts');
    const filtered = context.filters.length > 0;
    const argv = ['playwright', 'test', '--forbid-only', `--reporter=list,${reporter}`];
    const end = await context.run(
      [...argv, ...(filtered ? ['--pass-with-no-tests', ...context.filters] : [])],
      20 * minute,
      { [reportVariable]: report },
    );
    return readReport('e2e', report, { problem: end.problem, mayBeEmpty: filtered });
  },
};

function single(name: string, end: CommandEnd): Outcome {
  if (end.problem === null) return { suite: name, name, status: 'passed', detail: '' };
  return failure(name, name, `${end.problem}; see its output above`);
}
