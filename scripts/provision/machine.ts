import { findProgram } from '../lib/command.ts';
import { askDocker, type DockerAnswer } from '../lib/docker.ts';
import { aptInstall, aptKnown, aptUpdate } from './apt.ts';
import { ensureBusyboxImage } from './busybox-image.ts';
import { howToAddGvisor, knowsGvisor } from './daemon-config.ts';
import { type DaemonOptions, type DockerDaemon, startDockerDaemon, startDockerService } from './docker-daemon.ts';
import { choosePackages, howToGet, listNeeds, type Need } from './needs.ts';
import { findPodman, podmanFolder, startPodman, type TestPodman } from './podman.ts';
import { detectSystem, type System } from './system.ts';

/** Something that could not be had, and so what will not be tested. */
export interface Problem {
  readonly missing: string;
  readonly neededFor: string;
  /** Why, or how to get it. */
  readonly advice: string;
}

export interface Machine {
  readonly problems: readonly Problem[];
  /** Null when Docker ran already, or does not run now. */
  readonly daemon: DockerDaemon | null;
  /** Null when Podman cannot be had. */
  readonly podman: TestPodman | null;
}

export interface ProvisionOptions extends DaemonOptions {
  readonly say: (line: string) => void;
  /** Where Podman's store for tests goes; a folder that others may enter. */
  readonly podmanFolder?: string;
}

/**
 * Brings what the tests use and npm does not: packages where they can be installed, a Docker daemon
 * when none answers, the test image. What cannot be had is a problem in the result, not an error.
 */
export async function provisionMachine(options: ProvisionOptions): Promise<Machine> {
  const system = detectSystem();
  const before = await askDocker();
  const problems = await provideNeeds(listNeeds(before.state === 'answers'), system, options);

  const { daemon, answer, problem } = await provideDaemon(before, system, options);
  if (problem && !problems.some((other) => other.missing === problem.missing)) problems.push(problem);
  if (answer.state === 'answers') {
    options.say(`Docker ${answer.version} answers${daemon ? '; it was started for this.' : '.'}`);
    if (!problems.some((other) => other.neededFor.startsWith('the test image')))
      problems.push(...(await provideImage(options)));
    if (
      process.platform === 'linux' &&
      !problems.some(({ missing }) => missing === 'runsc') &&
      !(await knowsGvisor())
    ) {
      const neededFor = 'the tests of gVisor and of snapshots';
      problems.push({ missing: 'gVisor as a runtime of the Docker daemon', neededFor, advice: howToAddGvisor });
    }
  }
  const podman = await providePodman(system, options, problems);
  return { problems, daemon, podman };
}

/** Installs what is missing, if it may, and tells what is still missing then. */
async function provideNeeds(
  needs: readonly Need[],
  system: System,
  { say, signal }: ProvisionOptions,
): Promise<Problem[]> {
  const missing = needs.filter((need) => !need.isMet());
  if (missing.length === 0 || signal.aborted) return [];
  if (!system.isRoot || !system.isDebian) return missing.map((need) => asProblem(need, howToGet(need, system)));

  say('Fetching the package lists (apt-get update) …');
  const updated = await aptUpdate();
  if (!updated.ok) say(`apt-get update failed; trying with the lists that are there:\n${updated.output}`);
  const known = await aptKnown(missing.flatMap((need) => need.packages));
  const { packages, unavailable } = choosePackages(missing, (name) => known.has(name));
  const problems = unavailable.map((need) => asProblem(need, need.elsewhere));
  if (packages.length === 0) return problems;

  say(`Installing from the system's packages: ${packages.join(', ')} …`);
  const started = Date.now();
  const installed = await aptInstall(packages, system.hasSystemd);
  if (installed.ok) say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  else say(`apt-get install failed:\n${installed.output}`);
  const advice = installed.ok ? 'its package did not bring it' : 'apt-get install failed, see above';
  const rest = missing.filter((need) => !unavailable.includes(need) && !need.isMet());
  return [...problems, ...rest.map((need) => asProblem(need, advice))];
}

function asProblem(need: Need, advice: string): Problem {
  return { missing: need.name, neededFor: need.neededFor, advice };
}

interface DaemonOutcome {
  readonly daemon: DockerDaemon | null;
  readonly answer: DockerAnswer;
  readonly problem: Problem | null;
}

async function provideDaemon(before: DockerAnswer, system: System, options: ProvisionOptions): Promise<DaemonOutcome> {
  if (before.state === 'answers') return { daemon: null, answer: before, problem: null };
  const failed = (advice: string, answer: DockerAnswer = before): DaemonOutcome => ({
    daemon: null,
    answer,
    problem: { missing: 'the Docker daemon', neededFor: 'the docker engine', advice },
  });
  if (before.reason.includes('permission denied')) {
    return failed(
      'this user may not use it; allow it with: sudo usermod -aG docker "$USER", then log out and in again',
    );
  }
  if (options.signal.aborted || !before.canStart) return failed(before.reason);
  if (process.platform !== 'linux') return failed(`start Docker Desktop (${before.reason})`);
  if (!system.isRoot) {
    const start = system.hasSystemd ? 'sudo systemctl start docker' : 'sudo dockerd';
    return failed(`${before.reason}; start it with: ${start}`);
  }
  if (findProgram('dockerd') === null) return failed('dockerd is not installed');

  options.say('Starting the Docker daemon …');
  try {
    const daemon = system.hasSystemd ? await startDockerService(options.signal) : await startDockerDaemon(options);
    const answer = await askDocker();
    if (answer.state === 'answers') return { daemon, answer, problem: null };
    await daemon.stop();
    return failed(answer.reason, answer);
  } catch (error) {
    const advice = error instanceof Error ? error.message : String(error);
    options.say(advice);
    return failed(advice.split('\n')[0] ?? advice);
  }
}

async function provideImage({ say }: ProvisionOptions): Promise<readonly Problem[]> {
  try {
    if ((await ensureBusyboxImage()) === 'built') say('Built the busybox test image.');
    return [];
  } catch (error) {
    const advice = error instanceof Error ? error.message : String(error);
    return [{ missing: 'the busybox test image', neededFor: 'the tests of the docker engine', advice }];
  }
}

/** Root's Podman and an ordinary user's: only root can make both. A problem is added where it cannot be had. */
async function providePodman(
  system: System,
  options: ProvisionOptions,
  problems: Problem[],
): Promise<TestPodman | null> {
  if (process.platform !== 'linux' || options.signal.aborted) return null;
  const running = await findPodman();
  if (running) return running;
  const failed = (advice: string) => {
    problems.push({ missing: 'Podman for tests', neededFor: 'the tests of the podman engine', advice });
    return null;
  };
  if (!system.isRoot) return failed('run as root, as it makes a user: sudo npm run provision');
  if (findProgram('podman') === null) return failed('podman is not installed');
  options.say('Starting Podman …');
  try {
    return await startPodman({ ...options, folder: options.podmanFolder ?? podmanFolder });
  } catch (error) {
    const advice = error instanceof Error ? error.message : String(error);
    options.say(advice);
    return failed(advice.split('\n')[0] ?? advice);
  }
}
