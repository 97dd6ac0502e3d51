import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { askDocker } from '../lib/docker.ts';
import { type Machine, provisionMachine } from '../provision/machine.ts';
import { raiseFence } from './fence.ts';
import { endLeftProcesses, listContainers, removeLeftContainers } from './leftovers.ts';
import { planStages, type TestOptions } from './options.ts';
import { failure, type Outcome } from './outcome.ts';
import { runTestCommand } from './run-command.ts';
import { stages } from './stages.ts';

export interface SessionOptions extends TestOptions {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Runs the stages in order, and ends everything that was started for them. Never rejects. */
export async function runSession(options: SessionOptions): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tt-'));
  // Open as /tmp is: some tests run programs as another user.
  chmodSync(folder, 0o1777);
  const sessions = new Set<number>();
  const fence = raiseFence(basename(folder));
  const outcomes: Outcome[] = [];
  const env = testEnvironment(options.root, folder);
  const heading = (text: string) => options.say(`\n── ${text} ${'─'.repeat(Math.max(3, 76 - text.length))}`);
  let machine: Machine = { problems: [], daemon: null, podman: null };
  let containersBefore: readonly string[] = [];
  let dockerAnswered = false;

  try {
    if (options.stages.some((name) => name !== 'check')) {
      heading('what the tests need');
      const daemonFolder = join(options.root, '.cache/dockerd');
      const podmanFolder = join(folder, 'podman');
      machine = await provisionMachine({ ...options, folder: daemonFolder, podmanFolder, tied: true, env });
      outcomes.push(...machine.problems.map(asSkip));
      for (const problem of machine.problems) options.say(`Missing: ${describe(problem)}`);
      dockerAnswered = (await askDocker()).state === 'answers';
      if (dockerAnswered) containersBefore = await listContainers();
    }
    for (const name of planStages(options.stages)) {
      if (options.signal.aborted) break;
      const results = await stages[name]({
        folder,
        filters: options.filters,
        say: heading,
        isInterrupted: () => options.signal.aborted,
        buildFailed: () => outcomes.some(({ suite, status }) => suite === 'build' && status === 'failed'),
        run: async (argv, timeoutMs, extra = {}) => {
          const end = await runTestCommand({
            argv: fence.enclose(argv),
            env: { ...env, ...machine.podman?.env, ...extra },
            timeoutMs,
            signal: options.signal,
          });
          if (end.session !== null) sessions.add(end.session);
          return end;
        },
      });
      outcomes.push(...results);
    }
  } catch (error) {
    outcomes.push(crash(error));
  }

  try {
    const containers = dockerAnswered
      ? await removeLeftContainers({ folder, before: containersBefore, daemonIsOurs: machine.daemon !== null })
      : [];
    if (machine.daemon) options.say('\nStopping the Docker daemon …');
    const daemon = [...((await machine.podman?.stop()) ?? []), ...((await machine.daemon?.stop()) ?? [])];
    const processes = await endLeftProcesses({ folder, sessions, fence });
    const left = [...containers, ...daemon, ...processes];
    // Who interrupts the tests leaves them no time to clean up: it is done, and is no failure of theirs.
    if (!options.signal.aborted) outcomes.push(...left.map((what) => failure('leftovers', what, 'was left running')));
    await fence.remove();
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    outcomes.push(crash(error));
  }
  return outcomes;
}

/** The tools are the project's own; temporary files and state go into the run's folder, never into the user's. */
function testEnvironment(root: string, folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter),
    TMPDIR: folder,
    TERRARIUM_HOME: join(folder, 'home'),
  };
}

function describe(problem: Machine['problems'][number]): string {
  return `${problem.missing}, for ${problem.neededFor}: ${problem.advice}`;
}

/** Not a failure by itself: the tests that need it are skipped, and the skip policy judges. */
function asSkip(problem: Machine['problems'][number]): Outcome {
  return {
    suite: 'machine',
    name: problem.missing,
    status: 'skipped',
    detail: `for ${problem.neededFor}: ${problem.advice}`,
  };
}

function crash(error: unknown): Outcome {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return failure('npm test', 'runner', text);
}
