import type { Benchmark, Outcome, Tools } from './benchmark.ts';
import { consoleInterrupt, consoleThroughput } from './console.ts';
import { describeEnvironment } from './environment.ts';
import type { FigureName } from './figures.ts';
import { functions } from './functions.ts';
import { gvisor } from './gvisor.ts';
import { gvisorBundle } from './gvisor-bundle.ts';
import { hostMemory } from './host-memory.ts';
import { loads } from './load.ts';
import { namespace } from './namespace.ts';
import { pageOpen } from './page-open.ts';
import { podmanBenchmark } from './podman.ts';
import { makeReport, type Report } from './report.ts';
import { execs, starts } from './start-and-exec.ts';
import { virtualenv } from './virtualenv.ts';
import { wasm } from './wasm.ts';

const benchmarks: readonly Benchmark[] = [
  starts,
  execs,
  gvisor,
  gvisorBundle,
  podmanBenchmark,
  virtualenv,
  namespace,
  wasm,
  functions,
  ...loads,
  consoleThroughput,
  consoleInterrupt,
  pageOpen,
  hostMemory,
];

export interface RunOptions {
  /** Figures that are asked for; what is measured by turns with them is measured too. */
  readonly only: readonly FigureName[];
  readonly tools: Tools;
  /** For people: what is being measured now. */
  readonly say: (line: string) => void;
}

export interface RunResult {
  readonly report: Report;
  /** Measurements that broke, as against those that cannot be made here. */
  readonly failures: readonly string[];
}

/** One benchmark after another: two at once would measure each other. */
export async function runBenchmarks({ only, tools, say }: RunOptions): Promise<RunResult> {
  const start = performance.now();
  const environment = await describeEnvironment(tools);
  const outcomes = new Map<FigureName, Outcome>();
  const failures: string[] = [];
  for (const { figures, needsBrowser, run } of benchmarks) {
    if (!figures.some((name) => only.includes(name))) continue;
    if (needsBrowser && tools.browserMissing !== null) {
      for (const name of figures) outcomes.set(name, { missing: tools.browserMissing });
      continue;
    }
    tools.signal.throwIfAborted();
    say(`measuring ${figures.join(', ')} …`);
    try {
      const found = await run(tools);
      for (const name of figures) outcomes.set(name, found[name] ?? { missing: 'it was not measured' });
    } catch (error) {
      tools.signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${figures.join(', ')}: ${error instanceof Error ? error.stack : reason}`);
      for (const name of figures) outcomes.set(name, { missing: reason });
    }
  }
  return { report: makeReport(outcomes, environment, (performance.now() - start) / 1000), failures };
}
