import { rm } from 'node:fs/promises';
import { checkWorkdir, defaultShell, resolveProgram } from '../local/environment.ts';
import type { Launcher } from '../local/launcher.ts';
import type { RunTool } from '../local/tools.ts';
import type { Interpreters } from './interpreters.ts';
import { type Pip, settingsOf } from './pip.ts';
import { addPip, makeVenv, promptOf } from './venv.ts';
import { requireWhole, venvFiles } from './venv-files.ts';

/**
 * Plain processes with a virtualenv: it is made at creation, beside the workspace, and active for every
 * program. Being active is nothing but environment (VIRTUAL_ENV, and its programs first in PATH).
 */
export function createVenvLauncher(options: {
  readonly runTool: RunTool;
  readonly interpreters: Interpreters;
  readonly pip: Pip;
}): Launcher {
  const { runTool, interpreters, pip } = options;
  return {
    async create(sandbox, task) {
      const settings = settingsOf(sandbox);
      const interpreter = await interpreters.choose(settings.interpreter);
      task.progress(`Making a virtualenv with Python ${interpreter.version}`);
      await makeVenv(runTool, sandbox, { interpreter, settings, signal: task.signal });
      if (settings.pip) await addPip(runTool, sandbox, interpreter, task);
      if (settings.packages.length === 0) return;
      task.progress(`Installing ${settings.packages.join(', ')}`);
      await pip.install(sandbox, settings.packages, task);
    },
    async start(sandbox) {
      await requireWhole(venvFiles(sandbox), settingsOf(sandbox).pip);
    },
    async remove(place) {
      const { folder, setAside, shellStart } = venvFiles(place);
      for (const path of [folder, setAside, shellStart]) {
        await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
      }
    },
    environment(sandbox, env) {
      const { folder, bin } = venvFiles(sandbox);
      return { ...env, PATH: `${bin}:${env.PATH}`, VIRTUAL_ENV: folder, VIRTUAL_ENV_PROMPT: promptOf(sandbox) };
    },
    async locate(sandbox, { role, argv, env, workdir }) {
      // Otherwise `python` would be the system's, without a word. A console is where one looks for what is wrong.
      if (role !== 'console') await requireWhole(venvFiles(sandbox), settingsOf(sandbox).pip);
      await checkWorkdir(workdir);
      return resolveProgram(argv[0] ?? '', env.PATH, workdir);
    },
    shell(sandbox) {
      const { shellStart } = venvFiles(sandbox);
      const shell = defaultShell();
      // Others have it in PATH and VIRTUAL_ENV all the same; only their prompt does not say so.
      return shell.endsWith('/bash')
        ? { argv: [shell, '--rcfile', shellStart], env: {} }
        : { argv: [shell], env: { ENV: shellStart } };
    },
  };
}
