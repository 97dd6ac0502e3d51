import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { failure, type Outcome } from './outcome.ts';

/**
 * What a test runner hands over: one JSON record a line, written as it goes, so that a runner that
 * dies leaves what it knew. Only the `end` record says that nothing is missing.
 */
const recordSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('test'),
    name: z.string(),
    status: z.enum(['passed', 'failed', 'skipped']),
    detail: z.string(),
  }),
  z.strictObject({ type: z.literal('end') }),
]);

export type ReportRecord = z.infer<typeof recordSchema>;

export const reportVariable = 'TERRARIUM_TEST_REPORT';

/** For the reporters, inside the runner's process. */
export function reportWriter(env: NodeJS.ProcessEnv = process.env): (record: ReportRecord) => void {
  const path = env[reportVariable];
  if (!path) throw new Error(`${reportVariable} names no file`);
  return (record) => appendFileSync(path, `${JSON.stringify(record)}\n`);
}

/** How the runner's process itself ended. */
export interface RunnerEnd {
  /** In words, e.g. `exit code 1`; null when it ended well. */
  readonly problem: string | null;
  /** No test at all is a failure, unless a filter asked for few. */
  readonly mayBeEmpty: boolean;
}

/** The outcomes in a report, and a failure for each way in which the report cannot be believed. */
export function readReport(suite: string, path: string, end: RunnerEnd): readonly Outcome[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const records = lines.filter((line) => line !== '').map(parseRecord);
  const outcomes = records.flatMap((record): Outcome[] => {
    if (record === null) return [failure(suite, 'report', 'a line of its report is damaged')];
    if (record.type === 'end') return [];
    const { name, status, detail } = record;
    return [{ suite, name, status, detail }];
  });
  const isComplete = records.some((record) => record?.type === 'end');
  if (!isComplete) {
    outcomes.push(failure(suite, 'runner', `died before its report was complete (${end.problem ?? 'exit code 0'})`));
  } else if (outcomes.length === 0 && !end.mayBeEmpty) {
    outcomes.push(failure(suite, 'runner', 'ran no test'));
  } else if (end.problem !== null && !outcomes.some((outcome) => outcome.status === 'failed')) {
    outcomes.push(failure(suite, 'runner', `failed although no test did (${end.problem})`));
  }
  return outcomes;
}

function parseRecord(line: string): ReportRecord | null {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch {
    // The last line of a runner that was killed may be half a line.
    return null;
  }
}
