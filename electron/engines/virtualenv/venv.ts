import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import type { PythonSettings } from '../../../shared/model/spec.ts';
import type { Task } from '../engine.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { toolEnvironment } from '../local/tool-environment.ts';
import type { RunTool } from '../local/tools.ts';
import type { Interpreter } from './interpreters.ts';
import { venvFiles } from './venv-files.ts';

/**
 * Makes a virtualenv with Python's own `venv`, without pip: 50 ms against 4 s. `-S` leaves out the site
 * folders that making one does not need.
 */
export async function makeVenv(
  runTool: RunTool,
  sandbox: LocalSandbox,
  {
    interpreter,
    settings,
    signal,
  }: {
    readonly interpreter: Interpreter;
    readonly settings: PythonSettings;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  if (!interpreter.hasVenv) {
    throw new AppError('engine_unavailable', `${interpreter.path} lacks its module venv.`, {
      hint: `Install it, e.g. apt install ${debianPython(interpreter)}-venv.`,
    });
  }
  const files = venvFiles(sandbox);
  const argv = [
    ...[interpreter.path, '-I', '-S', '-m', 'venv', '--without-pip', '--symlinks'],
    ...(settings.systemSitePackages ? ['--system-site-packages'] : []),
    ...['--prompt', promptOf(sandbox), files.folder],
  ];
  const { directory } = sandbox.paths;
  const { exit, stdout, stderr } = await runTool(sandbox, { argv, env: toolEnvironment(), cwd: directory, signal });
  if (exit.code !== 0) {
    throw new AppError('internal', `Python ${interpreter.version} could not make the virtualenv.`, {
      hint: lastLine(stderr) ?? lastLine(stdout) ?? `${interpreter.path} ended with ${exit.code ?? exit.signal}.`,
    });
  }
  for (const name of ['pip', 'pip3']) await writeFile(join(files.bin, name), pipStandIn, { mode: 0o755 });
  await writeFile(files.maker, interpreter.path, { mode: 0o600 });
  await writeFile(files.shellStart, shellStart, { mode: 0o600 });
}

/** Puts pip into it, from the wheel that comes with Python. */
export async function addPip(
  runTool: RunTool,
  sandbox: LocalSandbox,
  interpreter: Interpreter,
  { signal, progress }: Task,
): Promise<void> {
  if (!interpreter.hasEnsurepip) {
    throw new AppError('unsupported', `Python ${interpreter.version} has no pip to put into a virtualenv.`, {
      hint: `Install it, e.g. apt install ${debianPython(interpreter)}-venv; or leave pip out: packages can be installed without.`,
      details: { field: 'python.pip' },
    });
  }
  progress('Putting pip into the virtualenv');
  const { exit, stderr } = await runTool(sandbox, {
    argv: [venvFiles(sandbox).python, '-I', '-m', 'ensurepip', '--upgrade', '--default-pip'],
    env: toolEnvironment(),
    cwd: sandbox.paths.directory,
    signal,
  });
  if (exit.code !== 0) {
    throw new AppError('internal', 'Pip could not be put into the virtualenv.', {
      hint: lastLine(stderr) ?? undefined,
    });
  }
}

/** Takes away what `makeVenv` puts there and would not replace, but not the packages. */
export async function clearScaffold(sandbox: LocalSandbox): Promise<void> {
  const { bin, config } = venvFiles(sandbox);
  const names = await readdir(bin).catch(() => []);
  const links = names.filter((name) => /^python[\d.]*$/.test(name)).map((name) => join(bin, name));
  for (const path of [config, ...links]) await rm(path, { force: true });
}

/** Runs `work` with the virtualenv out of the way; it comes back when that fails. */
export async function withSetAside(sandbox: LocalSandbox, work: () => Promise<void>): Promise<void> {
  const { folder, setAside } = venvFiles(sandbox);
  await rm(setAside, { recursive: true, force: true });
  const wasThere = await rename(folder, setAside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await work();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (wasThere) await rename(setAside, folder);
    throw error;
  }
  await rm(setAside, { recursive: true, force: true });
}

/** Shown in the prompt: without what a shell would take for more than text. */
export function promptOf({ manifest }: LocalSandbox): string {
  return manifest.spec.name.replace(/[^\p{L}\p{N} ._-]/gu, '') || 'venv';
}

/** For bash as its rcfile, for sh as $ENV: activation itself is in the environment. */
const shellStart = `[ -n "\${BASH_VERSION-}" ] && [ -r "$HOME/.bashrc" ] && . "$HOME/.bashrc"
PATH="$VIRTUAL_ENV/bin:\${PATH#"$VIRTUAL_ENV/bin:"}"
PS1="($VIRTUAL_ENV_PROMPT) \${PS1-\\$ }"
deactivate() {
  PATH="\${PATH#"$VIRTUAL_ENV/bin:"}"
  PS1="\${PS1#"($VIRTUAL_ENV_PROMPT) "}"
  unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
  unset -f deactivate
}
`;

/**
 * Until pip is put into it: what somebody types as pip would otherwise be this machine's, and change its packages. With
 * the system's packages in sight it may be one of them.
 */
const pipStandIn = `#!/bin/sh
python=$(dirname "$0")/python
"$python" -c 'import pip' 2>/dev/null && exec "$python" -m pip "$@"
echo "This virtualenv has no pip. Use Packages in Terrarium, or put pip into it: python -m ensurepip --default-pip" >&2
exit 1
`;

const debianPython = ({ version }: Interpreter) => `python${version.split('.').slice(0, 2).join('.')}`;

export function lastLine(text: string): string | null {
  return text.trim().split('\n').at(-1)?.trim() || null;
}
