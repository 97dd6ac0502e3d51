import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../../shared/model/error.ts';
import { type PythonSettings, pythonSchema } from '../../../../shared/model/spec.ts';
import { ifThere } from '../../../lib/if-there.ts';
import { isFile } from '../../../lib/is-file.ts';
import type { EngineRef, PackageStore, Task } from '../../engine.ts';
import { normalName, readInstalled } from '../../local/installed-packages.ts';
import type { LocalSandbox } from '../../local/launcher.ts';
import { createPackageLock } from '../../local/package-lock.ts';
import { pythonVersion } from '../libraries.ts';
import { runtimeOf } from '../runtimes.ts';
import type { MarkerEnvironment } from './markers.ts';
import { type Chosen, candidates, resolve } from './resolve.ts';
import { installWheels, removePackage, SITE_PACKAGES } from './site-packages.ts';
import { folderSource, indexSource, type WheelSource } from './wheel-sources.ts';

const REQUIREMENTS = 'requirements.txt';
/** Of the workspace: wheels that are put there can be installed without any index. */
export const WHEELS = 'wheels';
const REQUIREMENTS_MAX = 1024 * 1024;

export const settingsOf = ({ manifest }: LocalSandbox): PythonSettings =>
  manifest.spec.python ?? pythonSchema.parse({});

/** Of a virtualenv's settings, only where packages come from has a meaning here. */
export function refuseSettings(python: PythonSettings | undefined): void {
  if (!python) return;
  const refuse = (field: string, what: string) => {
    throw new AppError('unsupported', `Python in WebAssembly has no ${what}.`, {
      hint: 'Leave it out, or make a virtualenv sandbox.',
      details: { field: `python.${field}` },
    });
  };
  if (python.interpreter !== undefined)
    refuse('interpreter', 'choice of interpreters: it is the one that comes with Terrarium');
  if (python.systemSitePackages) refuse('systemSitePackages', 'packages of this machine');
  if (python.pip) refuse('pip', 'pip: packages are installed from outside');
}

const siteOf = ({ manifest }: LocalSandbox) => join(manifest.workspace, SITE_PACKAGES);

/** What Python says of itself inside. */
function markerEnvironment(): MarkerEnvironment {
  const version = pythonVersion();
  return {
    python_version: version.split('.').slice(0, 2).join('.'),
    python_full_version: version,
    os_name: 'posix',
    sys_platform: 'emscripten',
    platform_system: 'Emscripten',
    platform_machine: 'wasm32',
    platform_release: '',
    platform_version: '',
    implementation_name: 'cpython',
    implementation_version: version,
    platform_python_implementation: 'CPython',
    extra: '',
  };
}

/** Where wheels come from is what the spec says; the host brings them, as the sandbox has no network. */
async function sourceOf(sandbox: LocalSandbox): Promise<WheelSource> {
  const { wheels, indexUrl } = settingsOf(sandbox);
  if (wheels !== undefined) {
    if ((await ifThere(stat(wheels)))?.isDirectory()) return folderSource(wheels, `the folder ${wheels}`);
    throw new AppError('invalid_input', `The folder with wheels ${wheels} does not exist.`, {
      hint: 'Choose a folder with *.whl files.',
      details: { field: 'python.wheels' },
    });
  }
  if (indexUrl !== undefined) return indexSource(indexUrl);
  return folderSource(join(sandbox.manifest.workspace, WHEELS), `the workspace’s folder ${WHEELS}`);
}

/** Packages of Python sandboxes, in pure Python: unpacked from wheels into the workspace, by nothing that runs there. */
export function createWheelStore(sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>): PackageStore {
  const lock = createPackageLock(sandboxOf);
  const installedIn = (sandbox: LocalSandbox) => readInstalled(siteOf(sandbox), 'sandbox');

  async function install(
    sandbox: LocalSandbox,
    requirements: readonly string[],
    upgrade: ReadonlySet<string>,
    { signal, progress }: Task,
  ): Promise<void> {
    const installed = new Map((await installedIn(sandbox)).map(({ name, version }) => [normalName(name), version]));
    const chosen = new Map<string, Chosen>();
    const incoming = join(sandbox.paths.directory, `wheels-${randomBytes(6).toString('hex')}`);
    await mkdir(incoming, { mode: 0o700 });
    let files = 0;
    const nextPath = () => {
      files += 1;
      return join(incoming, String(files));
    };
    try {
      const source = await sourceOf(sandbox);
      const environment = markerEnvironment();
      await resolve({ requirements, installed, upgrade, source, environment, nextPath, signal, progress, chosen });
      const wheels = [...chosen.values()];
      if (wheels.length === 0) progress('All of it is installed already');
      else progress(`Installing ${wheels.map(({ wheel: { name, version } }) => `${name} ${version}`).join(', ')}`);
      await installWheels(siteOf(sandbox), wheels, signal);
    } finally {
      for (const { zip } of chosen.values()) await zip[Symbol.asyncDispose]();
      await rm(incoming, { recursive: true, force: true });
    }
  }

  return {
    provider: 'pip',
    serves: async (ref) => runtimeOf(await sandboxOf(ref)) === 'python',
    async list(ref) {
      const sandbox = await sandboxOf(ref);
      const packages = await installedIn(sandbox);
      return {
        provider: 'pip',
        packages: packages.toSorted((a, b) => normalName(a.name).localeCompare(normalName(b.name))),
        problem: null,
        canRepair: false,
        requirementsFile: (await isFile(join(sandbox.manifest.workspace, REQUIREMENTS))) ? REQUIREMENTS : null,
      };
    },
    install: (ref, { requirements, fromFile }, task) =>
      lock.run(ref, async (sandbox) => {
        const all = [...requirements, ...(fromFile ? await readRequirements(sandbox) : [])];
        if (all.length === 0) {
          throw new AppError('invalid_input', 'No package was named.', { details: { field: 'requirements' } });
        }
        await install(sandbox, all, new Set(), task);
      }),
    upgrade: (ref, names, task) =>
      lock.run(ref, (sandbox) => install(sandbox, names, new Set(names.map(normalName)), task)),
    uninstall: (ref, names) =>
      lock.run(ref, async (sandbox) => {
        for (const name of names) {
          if (await removePackage(siteOf(sandbox), normalName(name))) continue;
          throw new AppError('not_found', `The package ${name} is not installed in this sandbox.`, {
            details: { package: name },
          });
        }
      }),
    async freeze(ref) {
      const packages = await installedIn(await sandboxOf(ref));
      const lines = packages.map(({ name, version }) => `${name}==${version}\n`);
      return lines.toSorted((a, b) => a.localeCompare(b)).join('');
    },
    async versions(ref, name, signal) {
      const source = await sourceOf(await sandboxOf(ref));
      const all = await candidates(source, normalName(name), pythonVersion(), signal);
      return [...new Set(all.map(({ version }) => version))];
    },
  };
}

/** A requirement a line, without pip's options. */
async function readRequirements({ manifest }: LocalSandbox): Promise<readonly string[]> {
  const path = join(manifest.workspace, REQUIREMENTS);
  const found = await ifThere(stat(path));
  if (!found?.isFile()) {
    throw new AppError('not_found', `There is no ${REQUIREMENTS} in the workspace.`, {
      hint: 'Name the packages instead.',
    });
  }
  if (found.size > REQUIREMENTS_MAX) throw new AppError('invalid_input', `${REQUIREMENTS} is larger than 1 MiB.`);
  const lines = (await readFile(path, 'utf8')).split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, '').trim());
  const option = lines.find((line) => line.startsWith('-'));
  if (option !== undefined) {
    throw new AppError('invalid_input', `${REQUIREMENTS} has an option of pip, ${option.slice(0, 100)}.`, {
      hint: 'Only packages can be named there, a line each.',
    });
  }
  return lines.filter((line) => line !== '');
}
