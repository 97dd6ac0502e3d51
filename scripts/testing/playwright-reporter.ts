import { basename } from 'node:path';
import type { FullConfig, FullResult, Suite, TestCase, TestError, TestResult } from '@playwright/test/reporter';
import { reportWriter } from './report-file.ts';

/** Hands every test's result to `npm test` (see report-file.ts). */
// biome-ignore lint/style/noDefaultExport: Playwright makes a reporter from the default export.
export default function createReporter() {
  const write = reportWriter();
  let all: readonly TestCase[] = [];

  return {
    // The list reporter beside it prints.
    printsToStdio: () => false,
    onBegin(_config: FullConfig, suite: Suite) {
      all = suite.allTests();
    },
    onTestEnd(test: TestCase, result: TestResult) {
      const name = nameOf(test);
      if (result.status === 'skipped') {
        write({ type: 'test', name, status: 'skipped', detail: skipReason(result) });
      } else if (result.status === test.expectedStatus) {
        write({ type: 'test', name, status: 'passed', detail: '' });
      } else {
        write({ type: 'test', name, status: 'failed', detail: messages(result.errors) || result.status });
      }
    },
    onError(error: TestError) {
      write({ type: 'test', name: 'outside any test', status: 'failed', detail: messages([error]) });
    },
    onEnd(result: FullResult) {
      // A test without a result never ran: the run was cut short, or one before it in its series failed.
      for (const test of all.filter((candidate) => candidate.results.length === 0)) {
        write({ type: 'test', name: nameOf(test), status: 'failed', detail: 'did not run' });
      }
      if (result.status === 'timedout' || result.status === 'interrupted') {
        write({ type: 'test', name: 'run', status: 'failed', detail: result.status });
      }
      write({ type: 'end' });
    },
  };
}

function skipReason(result: TestResult): string {
  const skips = result.annotations.filter((annotation) => annotation.type === 'skip' || annotation.type === 'fixme');
  // Nobody asked for it: Playwright gives up on a series after its first failure.
  if (skips.length === 0) return 'did not run, because an earlier test of its series failed';
  const reasons = skips.flatMap((annotation) => annotation.description ?? []);
  return reasons.join('; ') || 'no reason given';
}

function messages(errors: readonly TestError[]): string {
  return errors.map((error) => `${error.message ?? error.value ?? 'unknown error'}${placeOf(error)}`).join('\n');
}

function placeOf({ location }: TestError): string {
  return location ? `\nat ${basename(location.file)}:${location.line}` : '';
}

/** Without the empty root title and the project's, which is empty too. */
function nameOf(test: TestCase): string {
  return test
    .titlePath()
    .filter((title) => title !== '')
    .join(' › ');
}
