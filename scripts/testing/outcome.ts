/** How one test ended. Types, lint and the build are one test each. */
export interface Outcome {
  readonly suite: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What went wrong, or why it was skipped. Empty when passed. */
  readonly detail: string;
}

export function failure(suite: string, name: string, detail: string): Outcome {
  return { suite, name, status: 'failed', detail };
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function count(outcomes: readonly Outcome[]): Counts {
  const of = (status: Outcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** The last line of `npm test`. Scripts read it: it has this form and no other. */
export function countLine({ passed, failed, skipped }: Counts): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
