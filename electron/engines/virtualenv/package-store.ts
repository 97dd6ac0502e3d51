import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Package } from '../../../shared/contract/packages.ts';
import { AppError } from '../../../shared/model/error.ts';
import { requirementSchema } from '../../../shared/model/requirement.ts';
import { isFile } from '../../lib/is-file.ts';
import type { EngineRef, PackageStore, Task } from '../engine.ts';
import { normalName, readInstalled } from '../local/installed-packages.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { isLive } from '../local/manifest.ts';
import type { PackageLock } from '../local/package-lock.ts';
import type { RunTool } from '../local/tools.ts';
import { isBoxed } from './boxed.ts';
import type { Interpreter, Interpreters } from './interpreters.ts';
import { makerOf, type Pip, settingsOf } from './pip.ts';
import { addPip, clearScaffold, makeVenv, withSetAside } from './venv.ts';
import { findProblem, REPAIR_HINT, readConfig, requireWhole, siteFolders, venvFiles } from './venv-files.ts';

const REQUIREMENTS = 'requirements.txt';
/** Came with pip, and not because somebody wants them. */
const SCAFFOLD: readonly string[] = ['pip', 'setuptools'];

/** Packages of virtualenvs, by pip. */
export function createPipStore(options: {
  /** For what is made from outside: at creation, in a repair. */
  readonly pip: Pip;
  /** For all that comes after. */
  readonly pipWithin: Pip;
  readonly runTool: RunTool;
  readonly interpreters: Interpreters;
  readonly lock: PackageLock;
  readonly sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>;
}): PackageStore {
  const { pip, pipWithin, runTool, interpreters, lock, sandboxOf } = options;
  /** In a whole virtualenv only: pip would put packages into one that is half there. */
  const change = (ref: EngineRef, work: (sandbox: LocalSandbox) => Promise<void>) =>
    lock.run(ref, async (sandbox) => {
      await requireWhole(venvFiles(sandbox), settingsOf(sandbox).pip);
      await work(sandbox);
    });

  const own = async (sandbox: LocalSandbox) => {
    const folders = await siteFolders(venvFiles(sandbox));
    return (await Promise.all(folders.map((folder) => readInstalled(folder, 'sandbox')))).flat();
  };

  const ofSystem = async (sandbox: LocalSandbox): Promise<readonly Package[]> => {
    const { systemSitePackages } = settingsOf(sandbox);
    if (!systemSitePackages) return [];
    const base = await makerOf(sandbox, interpreters);
    return (await Promise.all((base?.sitePackages ?? []).map((folder) => readInstalled(folder, 'system')))).flat();
  };

  const install = (
    ref: EngineRef,
    { requirements, fromFile }: { readonly requirements: readonly string[]; readonly fromFile: boolean },
    task: Task,
  ) =>
    change(ref, async (sandbox) => {
      const file = join(sandbox.manifest.workspace, REQUIREMENTS);
      if (fromFile && !(await isFile(file))) {
        throw new AppError('not_found', `There is no ${REQUIREMENTS} in the workspace.`, {
          hint: 'Name the packages instead.',
        });
      }
      if (requirements.length === 0 && !fromFile) {
        throw new AppError('invalid_input', 'No package was named.', { details: { field: 'requirements' } });
      }
      await pipWithin.install(sandbox, [...requirements, ...(fromFile ? ['--requirement', REQUIREMENTS] : [])], task);
    });

  /**
   * The packages stay where they are when the same Python can be had again: that needs no index.
   * Otherwise they are installed anew, and the old virtualenv comes back when that fails.
   */
  const repair = (ref: EngineRef, task: Task) =>
    lock.run(ref, async (sandbox) => {
      const settings = settingsOf(sandbox);
      const { signal, progress } = task;
      const boxed = isBoxed(sandbox);
      if (boxed && isLive(sandbox.manifest)) {
        throw new AppError('conflict', 'It runs, and what runs holds the broken virtualenv.', {
          hint: 'Stop it first.',
        });
      }
      // What runs inside can write there: nothing is put into such folders from outside.
      const [before] = boxed ? [] : await siteFolders(venvFiles(sandbox));
      const interpreter = await replacement(sandbox, settings.interpreter);
      progress(`Making the virtualenv again with Python ${interpreter.version}`);
      if (before?.includes(`/python${minorOf(interpreter.version)}/`)) {
        await clearScaffold(sandbox);
        await makeVenv(runTool, sandbox, { interpreter, settings, signal });
        if (settings.pip) {
          await removePip(before);
          await addPip(runTool, sandbox, interpreter, task);
        }
        return;
      }
      const kept = (await own(sandbox)).filter(({ name }) => !SCAFFOLD.includes(normalName(name)));
      await withSetAside(sandbox, async () => {
        await makeVenv(runTool, sandbox, { interpreter, settings, signal });
        if (settings.pip) await addPip(runTool, sandbox, interpreter, task);
        const pins = kept
          .map(({ name, version }) => `${name}==${version}`)
          .filter((pin) => requirementSchema.safeParse(pin).success);
        if (pins.length === 0) return;
        progress(`Installing ${pins.length} packages again`);
        // In a file: the list may be longer than a command may be.
        const list = join(sandbox.paths.directory, `packages-${randomBytes(6).toString('hex')}.txt`);
        try {
          await writeFile(list, `${pins.join('\n')}\n`, { flag: 'wx', mode: 0o600 });
          await pip.install(sandbox, ['--requirement', list], task);
        } finally {
          await rm(list, { force: true });
        }
      });
    });

  /** The same Python as before if there is one, else what the spec asks for. */
  const replacement = async (sandbox: LocalSandbox, wanted: string | undefined): Promise<Interpreter> => {
    const config = await readConfig(venvFiles(sandbox));
    const [site] = await siteFolders(venvFiles(sandbox));
    const minor = config ? minorOf(config.version) : /\/python(\d+\.\d+)\//.exec(site ?? '')?.[1];
    if (wanted?.startsWith('/') && (await isFile(wanted))) return interpreters.choose(wanted);
    const same = (await interpreters.find()).find(({ version }) => minorOf(version) === minor);
    return same ?? interpreters.choose(wanted?.startsWith('/') ? undefined : wanted);
  };

  return {
    provider: 'pip',
    async list(ref) {
      const sandbox = await sandboxOf(ref);
      const message = await findProblem(venvFiles(sandbox), settingsOf(sandbox).pip);
      const mine = await own(sandbox);
      // What is in several folders counts in the first of them, as Python looks there first.
      const all = [...mine, ...(await ofSystem(sandbox))];
      const names = all.map(({ name }) => normalName(name));
      const packages = all.filter((_, index) => names.indexOf(names[index] ?? '') === index);
      return {
        provider: 'pip',
        packages: packages.toSorted((a, b) => normalName(a.name).localeCompare(normalName(b.name))),
        problem: message === null ? null : { message, hint: REPAIR_HINT },
        canRepair: true,
        requirementsFile: (await isFile(join(sandbox.manifest.workspace, REQUIREMENTS))) ? REQUIREMENTS : null,
      };
    },
    install,
    upgrade: (ref, names, task) => change(ref, (sandbox) => pipWithin.install(sandbox, ['--upgrade', ...names], task)),
    uninstall: (ref, names, task) => change(ref, (sandbox) => pipWithin.uninstall(sandbox, names, task)),
    freeze: async (ref) => pipWithin.freeze(await sandboxOf(ref), new AbortController().signal),
    versions: async (ref, name, signal) => pipWithin.versions(await sandboxOf(ref), name, signal),
    repair,
  };
}

const minorOf = (version: string) => version.split('.').slice(0, 2).join('.');

async function removePip(site: string): Promise<void> {
  const names = await readdir(site);
  const parts = names.filter((name) => name === 'pip' || /^pip-[^-]*\.dist-info$/.test(name));
  for (const name of parts) await rm(join(site, name), { recursive: true, force: true });
}
