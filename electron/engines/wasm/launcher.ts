import { AppError } from '../../../shared/model/error.ts';
import { defaultShell } from '../local/environment.ts';
import type { Launch, Launcher, LocalSandbox, Program, Standby } from '../local/launcher.ts';
import { accountFile, clearAccounts, readStrikes, readUse, removeAccounts, withAccount } from './accounts.ts';
import { changeLimits } from './change-limits.ts';
import { hostPathOf, rootsOf, typeInside, WORKSPACE, workdirOf } from './guest-view.ts';
import { GUEST_ENV, JOB, type Job, type Order } from './job.ts';
import { checkMemory } from './least-memory.ts';
import { libraries } from './libraries.ts';
import type { MeteredModules } from './metered-modules.ts';
import { moduleCopy, takeModule } from './module-file.ts';
import { nodeOptions } from './node-options.ts';
import type { PythonSnapshot } from './python-snapshot.ts';
import type { Root } from './runner/guest-paths.ts';
import type { RunnerProgram } from './runner-program.ts';
import { defaultProgram, meaningOf, runtimeOf } from './runtimes.ts';

/** What is kept in the state folder for all sandboxes, made when it is first needed. */
export interface Runners {
  readonly runnerProgram: () => Promise<RunnerProgram>;
  readonly python: PythonSnapshot;
  readonly metered: MeteredModules;
}

/** Every program is a process of Node's with one module in it, that it alone may run. */
export function createWasmLauncher({ runnerProgram, python, metered }: Runners): Launcher {
  const meansFor = async (sandbox: LocalSandbox): Promise<Means> => ({
    runner: await runnerProgram(),
    snapshot: runtimeOf(sandbox) === 'python' ? await python.path() : null,
    metered: await metered.ensure(ownModule(sandbox), sandbox.manifest.spec.limits),
  });
  return {
    async create(sandbox, { signal, progress }) {
      checkMemory(runtimeOf(sandbox), sandbox.manifest.spec.limits.memoryBytes);
      await takeModule(sandbox);
      // Not at the start, whose time is the program's.
      await runnerProgram();
      await metered.ensure(ownModule(sandbox), sandbox.manifest.spec.limits);
      if (runtimeOf(sandbox) !== 'python') return;
      progress('Preparing Python');
      await python.ensure(signal);
    },
    start: clearAccounts,
    remove: removeAccounts,
    async locate(sandbox, { argv, workdir }) {
      const roots = await rootsOf(sandbox);
      const inside = workdirOf(sandbox, roots, workdir);
      const name = argv[0] ?? '';
      const meaning = meaningOf(sandbox, name);
      if (!meaning || (meaning.type === 'file' && typeInside(roots, inside, name) !== 'file')) {
        throw new AppError('invalid_input', `The program ${name} does not exist.`, {
          hint: `There are ${defaultProgram(sandbox)}, and files in the workspace by their path.`,
          details: { field: 'command' },
        });
      }
      return name;
    },
    launch: async (sandbox, program) => launch(sandbox, program, await meansFor(sandbox)),
    standby: async (sandbox, mark) => standby(sandbox, mark, await meansFor(sandbox)),
    shell: (sandbox) => ({ argv: [defaultProgram(sandbox)], env: {} }),
    async view(sandbox) {
      const { spec, workspace } = sandbox.manifest;
      const workdir = spec.workdir ?? workspace;
      return {
        roots: await rootsOf(sandbox),
        workdir: workdir === workspace ? WORKSPACE : workdir,
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    // Its own memory is limited inside, and Node reserves far more addresses than it uses.
    rlimits: () => ({}),
    takesSignals: false,
    strikes: readStrikes,
    sampleOwn: readUse,
    updateLimits: changeLimits,
    explainExit: (sandbox, exit, _role, part) => withAccount(sandbox, part, exit),
  };
}

interface Means {
  readonly runner: RunnerProgram;
  readonly snapshot: string | null;
  /** The library's or the sandbox's own module, with its limits in it. */
  readonly metered: string | null;
}

async function launch(sandbox: LocalSandbox, program: Program, means: Means): Promise<Launch> {
  const roots = await rootsOf(sandbox);
  const { argv, env, module, workdir } = orderFor(sandbox, program, roots);
  const job = jobFor(sandbox, program, roots, means);
  const own = module === job.module ? {} : { module, metered: null };
  return spawned({ ...job, ...own, workdir }, means.runner, sandbox, argv, env);
}

/** A runner that can become any command of this sandbox. */
async function standby(sandbox: LocalSandbox, mark: Program['mark'], means: Means): Promise<Standby> {
  const roots = await rootsOf(sandbox);
  const walls = wallsOf(sandbox, roots);
  const job = { ...jobFor(sandbox, { role: 'exec', mark }, roots, means), standby: true };
  return {
    launch: spawned(job, means.runner, sandbox, [], {}),
    async order(now, program) {
      // What it may touch and use was said when it was started.
      const roots = await rootsOf(now);
      if (wallsOf(now, roots) !== walls) return null;
      return Buffer.from(JSON.stringify(orderFor(now, program, roots)));
    },
  };
}

const wallsOf = ({ manifest }: LocalSandbox, roots: readonly Root[]) => JSON.stringify([roots, manifest.spec.limits]);

/** What runs when no file is named. There may be none. */
function ownModule(sandbox: LocalSandbox): string {
  const runtime = runtimeOf(sandbox);
  return runtime === 'wasi' ? moduleCopy(sandbox) : libraries[runtime]().module;
}

function orderFor(sandbox: LocalSandbox, program: Program, roots: readonly Root[]): Order {
  const workdir = workdirOf(sandbox, roots, program.workdir);
  const runtime = runtimeOf(sandbox);
  const [name = ''] = program.argv;
  const isFile = meaningOf(sandbox, name)?.type === 'file';
  const library = runtime === 'wasi' ? null : libraries[runtime]();
  const ownModule = isFile ? hostPathOf(roots, workdir, name) : moduleCopy(sandbox);
  return {
    // A script that is named as a program is the interpreter's first argument.
    argv: library && isFile ? [library.folder, ...program.argv] : program.argv,
    env: guestEnvironment(sandbox, program, workdir),
    workdir,
    module: library?.module ?? ownModule,
  };
}

function jobFor(
  sandbox: LocalSandbox,
  { role, mark }: Pick<Program, 'role' | 'mark'>,
  roots: readonly Root[],
  { snapshot, metered }: Means,
): Job {
  const runtime = runtimeOf(sandbox);
  const library = runtime === 'wasi' ? null : libraries[runtime]();
  const { fuel, memoryBytes } = sandbox.manifest.spec.limits;
  return {
    runtime,
    roots,
    workdir: '/',
    module: ownModule(sandbox),
    metered,
    library: library?.folder ?? null,
    snapshot,
    makes: null,
    serves: false,
    standby: false,
    endsAtOnce: role === 'exec',
    limits: { fuel, memoryBytes },
    account: accountFile(sandbox, mark.part ?? 0),
    interactive: role === 'console',
  };
}

function spawned(
  job: Job,
  runner: RunnerProgram,
  { id }: LocalSandbox,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Launch {
  return {
    argv: [process.execPath, ...nodeOptions(job, runner.folder), runner.file, ...argv],
    env: {
      // The desktop application's own program is then a plain Node.
      ELECTRON_RUN_AS_NODE: '1',
      // Not this machine's: what a guest makes of local time is the same everywhere.
      TZ: 'UTC',
      TERRARIUM_SANDBOX_ID: id,
      [JOB]: JSON.stringify(job),
      ...Object.fromEntries(Object.entries(env).map(([key, value]) => [`${GUEST_ENV}${key}`, value])),
    },
    cwd: '/',
  };
}

/** Without what describes this machine and not the sandbox. */
function guestEnvironment({ manifest, paths }: LocalSandbox, { env, role }: Program, workdir: string) {
  const ofThisMachine: Readonly<Record<string, string | undefined>> = {
    PATH: process.env.PATH,
    HOME: manifest.workspace,
    TMPDIR: paths.temporary,
    SHELL: defaultShell(),
    USER: process.env.USER,
    LOGNAME: process.env.LOGNAME,
    TERRARIUM_PROGRAM: env.TERRARIUM_PROGRAM,
    TERRARIUM_SANDBOX_ID: manifest.id,
    ...(role === 'console' ? {} : { TERM: process.env.TERM }),
  };
  const own = Object.entries(env).filter(([name, value]) => ofThisMachine[name] !== value);
  return { HOME: WORKSPACE, TMPDIR: '/tmp', PWD: workdir, ...Object.fromEntries(own) };
}
