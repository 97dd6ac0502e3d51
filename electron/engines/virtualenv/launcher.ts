import { rm } from 'node:fs/promises';
import { AppError } from '../../../shared/model/error.ts';
import { checkWorkdir, defaultShell, type Environment, resolveProgram } from '../local/environment.ts';
import type { Launcher, LocalSandbox } from '../local/launcher.ts';
import { nameLimit } from '../local/limits.ts';
import { plainView } from '../local/local-files.ts';
import type { RunTool } from '../local/tools.ts';
import { isBoxed, showable } from './boxed.ts';
import type { Interpreters } from './interpreters.ts';
import { type Pip, settingsOf } from './pip.ts';
import { addPip, makeVenv, promptOf } from './venv.ts';
import { requireWhole, venvFiles } from './venv-files.ts';

/**
 * Plain processes with a virtualenv: it is made at creation, beside the workspace, and active for every
 * program. Being active is nothing but environment (VIRTUAL_ENV, and its programs first in PATH). With the
 * runtime `namespace` all else is the box's.
 */
export function createVenvLauncher(options: {
  readonly runTool: RunTool;
  readonly interpreters: Interpreters;
  readonly pip: Pip;
  /** Runs programs in namespaces, and shows the virtualenv there. */
  readonly box: Launcher;
}): Launcher {
  const { runTool, interpreters, pip, box } = options;
  const within = (sandbox: LocalSandbox): Launcher => (isBoxed(sandbox) ? box : {});

  return {
    async create(sandbox, task) {
      await within(sandbox).create?.(sandbox, task);
      const settings = settingsOf(sandbox);
      const interpreter = await interpreters.choose(settings.interpreter);
      if (isBoxed(sandbox)) showable(interpreter.prefix);
      task.progress(`Making a virtualenv with Python ${interpreter.version}`);
      await makeVenv(runTool, sandbox, { interpreter, settings, signal: task.signal });
      if (settings.pip) await addPip(runTool, sandbox, interpreter, task);
      if (settings.packages.length === 0) return;
      task.progress(`Installing ${settings.packages.join(', ')}`);
      await pip.install(sandbox, settings.packages, task);
    },
    async start(sandbox) {
      await requireWhole(venvFiles(sandbox), settingsOf(sandbox).pip);
      await within(sandbox).start?.(sandbox);
    },
    started: async (sandbox) => within(sandbox).started?.(sandbox),
    // Of whichever kind it was: by its id alone that is not known.
    ended: async (place) => box.ended?.(place),
    async remove(place) {
      await box.remove?.(place);
      const { folder, setAside, shellStart, maker } = venvFiles(place);
      for (const path of [folder, setAside, shellStart, maker]) {
        await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      }
    },

    holder: (sandbox) => within(sandbox).holder?.(sandbox),
    environment(sandbox, env) {
      const base: Environment = within(sandbox).environment?.(sandbox, env) ?? env;
      const { folder, bin } = venvFiles(sandbox);
      return { ...base, PATH: `${bin}:${base.PATH}`, VIRTUAL_ENV: folder, VIRTUAL_ENV_PROMPT: promptOf(sandbox) };
    },
    async locate(sandbox, program) {
      const { role, argv, env, workdir } = program;
      // Otherwise `python` would be the system's, without a word. A console is where one looks for what is wrong.
      if (role !== 'console') await requireWhole(venvFiles(sandbox), settingsOf(sandbox).pip);
      const { locate } = within(sandbox);
      if (locate) return locate(sandbox, program);
      await checkWorkdir(workdir);
      return resolveProgram(argv[0] ?? '', env.PATH, workdir);
    },
    launch: (sandbox, program) => within(sandbox).launch?.(sandbox, program),
    view: async (sandbox, whileStopped) => (await within(sandbox).view?.(sandbox, whileStopped)) ?? plainView(sandbox),
    shell(sandbox) {
      const { shellStart } = venvFiles(sandbox);
      const { argv, env } = within(sandbox).shell?.(sandbox) ?? { argv: [defaultShell()], env: {} };
      // Others have it in PATH and VIRTUAL_ENV all the same; only their prompt does not say so.
      return argv[0]?.endsWith('/bash')
        ? { argv: [...argv, '--rcfile', shellStart], env }
        : { argv, env: { ...env, ENV: shellStart } };
    },

    rlimits: (limits, sandbox) => within(sandbox).rlimits?.(limits, sandbox) ?? limits,
    explainExit: async (sandbox, exit, role, part) =>
      (await within(sandbox).explainExit?.(sandbox, exit, role, part)) ?? nameLimit(exit, sandbox.manifest.spec.limits),
    pause: async (place) => (await box.pause?.(place)) ?? (box.pause ? undefined : false),
    resume: async (place) => (await box.resume?.(place)) ?? (box.resume ? undefined : false),
    sample: async (sandbox, scan) => (await within(sandbox).sample?.(sandbox, scan)) ?? null,
    strikes: async (sandbox) => (await within(sandbox).strikes?.(sandbox)) ?? {},
    isCarrier: (pid, sandbox) => within(sandbox).isCarrier?.(pid, sandbox) ?? false,
    async updateLimits(sandbox, limits) {
      const { updateLimits } = within(sandbox);
      if (updateLimits) return updateLimits(sandbox, limits);
      throw new AppError('unsupported', 'The limits of a virtualenv sandbox are set when a program starts.', {
        hint: 'Rebuild the sandbox with the new limits.',
      });
    },
  };
}
