import type { TestCase, TestModule, TestSuite } from 'vitest/node';
import { type ReportRecord, reportWriter } from './report-file.ts';

type Errors = readonly { readonly message: string; readonly diff?: string | undefined }[];

/** Hands every test's result to `npm test` (see report-file.ts). */
// biome-ignore lint/style/noDefaultExport: Vitest makes a reporter from the default export.
export default function createReporter() {
  const write = reportWriter();
  const fail = (name: string, errors: Errors) =>
    write({ type: 'test', name, status: 'failed', detail: details(errors) });

  return {
    onTestCaseResult(test: TestCase) {
      write(recordOf(test));
    },
    /** Of a `beforeAll` or `afterAll`: the tests below it are then skipped, which alone would look harmless. */
    onTestSuiteResult(suite: TestSuite) {
      if (suite.errors().length > 0) fail(`${nameOf(suite)} › hooks`, suite.errors());
    },
    onTestModuleEnd(module: TestModule) {
      if (module.errors().length > 0) fail(`${module.relativeModuleId} › file`, module.errors());
    },
    onTestRunEnd(modules: readonly TestModule[], unhandled: Errors, reason: 'passed' | 'failed' | 'interrupted') {
      const unfinished = modules.flatMap((module) => [...module.children.allTests('pending')]);
      for (const test of unfinished) fail(nameOf(test), [{ message: 'did not finish' }]);
      for (const module of modules.filter((candidate) => candidate.state() === 'queued')) {
        fail(`${module.relativeModuleId} › file`, [{ message: 'did not run' }]);
      }
      for (const error of unhandled) fail('unhandled error', [error]);
      if (reason === 'interrupted') fail('run', [{ message: 'was interrupted' }]);
      write({ type: 'end' });
    },
  };
}

function recordOf(test: TestCase): ReportRecord {
  const result = test.result();
  const name = nameOf(test);
  switch (result.state) {
    case 'passed':
      return { type: 'test', name, status: 'passed', detail: '' };
    case 'failed':
      return { type: 'test', name, status: 'failed', detail: details(result.errors) };
    case 'skipped':
      return { type: 'test', name, status: 'skipped', detail: result.note ?? reasonOf(test) };
    case 'pending':
      return { type: 'test', name, status: 'failed', detail: 'did not finish' };
  }
}

/** With what differs: the message of a comparison has not all of it. */
function details(errors: Errors): string {
  return errors.flatMap(({ message, diff }) => (diff ? [message, diff] : [message])).join('\n');
}

function reasonOf(test: TestCase): string {
  if (test.options.mode === 'todo') return 'still to be written';
  return test.options.mode === 'skip' ? 'no reason given' : 'did not run, because a hook of its suite failed';
}

function nameOf(task: TestCase | TestSuite): string {
  return `${task.module.relativeModuleId} › ${task.fullName.replaceAll(' > ', ' › ')}`;
}
