export const stageNames = ['check', 'unit', 'e2e'] as const;
export type StageName = (typeof stageNames)[number];

/** The build is no stage that one asks for: others need it. */
export type PlannedStage = StageName | 'build';

export interface TestOptions {
  readonly stages: readonly StageName[];
  /** Parts of file names, for Vitest and Playwright alike. Empty: all. */
  readonly filters: readonly string[];
}

export const usage = `npm test                         everything
npm test -- --only unit          types and lint (check), unit and contract tests (unit), or the browser's (e2e)
npm test -- docker               only test files whose path holds "docker"`;

/** Throws an error that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): TestOptions {
  let stages: readonly StageName[] | null = null;
  const filters: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--only' || arg.startsWith('--only=')) {
      const value = arg === '--only' ? args[++index] : arg.slice('--only='.length);
      stages = [...(stages ?? []), stageNamed(value ?? '')];
    } else if (arg.startsWith('-')) {
      throw new Error(`Unknown option ${arg}.`);
    } else {
      filters.push(arg);
    }
  }
  // A filter names test files; types and lint have none, and would only make one wait.
  const implied = filters.length > 0 ? stageNames.filter((name) => name !== 'check') : stageNames;
  return { stages: stages ?? implied, filters };
}

function stageNamed(value: string): StageName {
  const name = stageNames.find((candidate) => candidate === value);
  if (!name) throw new Error(`--only takes ${stageNames.join(', ')}; "${value}" is none of them.`);
  return name;
}

/** What runs, in which order. */
export function planStages(asked: readonly StageName[]): readonly PlannedStage[] {
  const needsBuild = asked.some((name) => name !== 'check');
  const order: readonly PlannedStage[] = ['check', 'build', 'unit', 'e2e'];
  return order.filter((name) => (name === 'build' ? needsBuild : asked.includes(name)));
}
