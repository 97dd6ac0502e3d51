// `npm test`: everything, on what this machine has. Its last line is the count over all suites.
import { join } from 'node:path';
import { parseOptions, type TestOptions, usage } from './testing/options.ts';
import { count, countLine, failure, type Outcome } from './testing/outcome.ts';
import { runSession } from './testing/session.ts';
import { applySkipPolicy, requiresAll } from './testing/skip-policy.ts';
import { renderSummary } from './testing/summary.ts';

const say = (line: string) => console.log(line);
const abort = new AbortController();
const problems: Outcome[] = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    interrupt(error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
}
// Whoever reads the output has gone (`npm test | head`): what runs is ended all the same.
process.stdout.on('error', () => abort.abort());

/** Ends what runs; the session then cleans up and the summary is still printed. */
function interrupt(reason: string): void {
  if (abort.signal.aborted) return;
  problems.push(failure('npm test', 'interrupted', reason));
  say(`\n${reason}: ending what runs …`);
  abort.abort();
}

function readOptions(): { readonly options: TestOptions; readonly required: boolean } | null {
  try {
    return { options: parseOptions(process.argv.slice(2)), required: requiresAll(process.env) };
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    say(countLine({ passed: 0, failed: 1, skipped: 0 }));
    return null;
  }
}

async function main(): Promise<number> {
  const read = readOptions();
  if (!read) return 1;
  const started = Date.now();
  const root = join(import.meta.dirname, '..');
  const outcomes = await runSession({ ...read.options, root, signal: abort.signal, say });
  const judged = [...applySkipPolicy(outcomes, read.required), ...problems];
  const { passed, failed } = count(judged);
  const empty = passed === 0 && failed === 0 ? [failure('npm test', 'runner', 'no test was run')] : [];
  say(`\n── summary, after ${Math.round((Date.now() - started) / 1000)} s ${'─'.repeat(50)}`);
  for (const line of renderSummary([...judged, ...empty])) say(line);
  return failed + empty.length > 0 ? 1 : 0;
}

process.exit(await main());
