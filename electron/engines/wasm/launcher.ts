import { AppError } from '../../../shared/model/error.ts';
import { defaultShell } from '../local/environment.ts';
import type { Launch, Launcher, LocalSandbox, Program } from '../local/launcher.ts';
import { accountFile, clearAccounts, readStrikes, readUse, removeAccounts, withAccount } from './accounts.ts';
import { changeLimits } from './change-limits.ts';
import { hostPathOf, rootsOf, typeInside, WORKSPACE, workdirOf } from './guest-view.ts';
import { GUEST_ENV, JOB, type Job } from './job.ts';
import { checkMemory } from './least-memory.ts';
import { libraries } from './libraries.ts';
import { moduleCopy, takeModule } from './module-file.ts';
import { nodeOptions } from './node-options.ts';
import type { PythonSnapshot } from './python-snapshot.ts';
import type { RunnerProgram } from './runner-program.ts';
import { defaultProgram, meaningOf, runtimeOf } from './runtimes.ts';

/** What is kept in the state folder for all sandboxes, made when it is first needed. */
export interface Runners {
  readonly runnerProgram: () => Promise<RunnerProgram>;
  readonly python: PythonSnapshot;
}

/** Every program is a process of Node's with one module in it, that it alone may run. */
export function createWasmLauncher({ runnerProgram, python }: Runners): Launcher {
  return {
    async create(sandbox, { signal, progress }) {
      checkMemory(runtimeOf(sandbox), sandbox.manifest.spec.limits.memoryBytes);
      await takeModule(sandbox);
      // Not at the start, whose time is the program's.
      await runnerProgram();
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
    launch: async (sandbox, program) =>
      launch(sandbox, program, {
        runner: await runnerProgram(),
        snapshot: runtimeOf(sandbox) === 'python' ? await python.path() : null,
      }),
    shell: (sandbox) => ({ argv: [defaultProgram(sandbox)], env: {} }),
    // Its own memory is limited inside, and Node reserves far more addresses than it uses.
    rlimits: () => ({}),
    strikes: readStrikes,
    sampleOwn: readUse,
    updateLimits: changeLimits,
    explainExit: (sandbox, exit, _role, part) => withAccount(sandbox, part, exit),
  };
}

async function launch(
  sandbox: LocalSandbox,
  program: Program,
  { runner, snapshot }: { readonly runner: RunnerProgram; readonly snapshot: string | null },
): Promise<Launch> {
  const roots = await rootsOf(sandbox);
  const workdir = workdirOf(sandbox, roots, program.workdir);
  const runtime = runtimeOf(sandbox);
  const { fuel, memoryBytes } = sandbox.manifest.spec.limits;
  const library = runtime === 'wasi' ? null : libraries[runtime]();
  const [name = ''] = program.argv;
  const isFile = meaningOf(sandbox, name)?.type === 'file';
  const ownModule = isFile ? hostPathOf(roots, workdir, name) : moduleCopy(sandbox);
  const job: Job = {
    runtime,
    roots,
    workdir,
    module: library?.module ?? ownModule,
    library: library?.folder ?? null,
    snapshot,
    isMetered: false,
    makeSnapshot: false,
    serves: false,
    limits: { fuel, memoryBytes },
    account: accountFile(sandbox, program.mark.part ?? 0),
    interactive: program.role === 'console',
  };
  // A script that is named as a program is the interpreter's first argument.
  const argv = library && isFile ? [library.folder, ...program.argv] : program.argv;
  return {
    argv: [process.execPath, ...nodeOptions(job, runner.folder), runner.file, ...argv],
    env: {
      // The desktop application's own program is then a plain Node.
      ELECTRON_RUN_AS_NODE: '1',
      // Not this machine's: what a guest makes of local time is the same everywhere.
      TZ: 'UTC',
      TERRARIUM_SANDBOX_ID: sandbox.id,
      [JOB]: JSON.stringify(job),
      ...Object.fromEntries(
        Object.entries(guestEnvironment(sandbox, program, workdir)).map(([key, value]) => [
          `${GUEST_ENV}${key}`,
          value,
        ]),
      ),
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
