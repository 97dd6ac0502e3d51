import { join } from 'node:path';
import { z } from 'zod';
import { type Package, packageNameSchema } from '../../../shared/contract/packages.ts';
import { AppError } from '../../../shared/model/error.ts';
import { findProgram } from '../../lib/executable.ts';
import { readBeginning } from '../../lib/read-beginning.ts';
import type { EngineRef, PackageStore, Task } from '../engine.ts';
import type { LocalSandbox } from './launcher.ts';
import { npmError } from './npm-errors.ts';
import type { PackageLock } from './package-lock.ts';
import { toolEnvironment } from './tool-environment.ts';
import type { RunTool } from './tools.ts';

const MANIFEST = 'package.json';
/** More than npm itself writes into one; a longer one is not read. */
const MOST_BYTES = 1024 * 1024;
const NO_NPM = 'There is no npm on this machine.';
export const HOW_TO_GET_NPM = 'Install npm, e.g. apt install npm.';

/** As much of a package.json as matters here; what else is in it is npm's. */
const packageJsonSchema = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  description: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});

/** Packages in a sandbox's workspace, by the npm of this machine: `node_modules`, and what package.json asks for. */
export function createNpmStore(options: {
  readonly runTool: RunTool;
  readonly lock: PackageLock;
  readonly sandboxOf: (ref: EngineRef) => Promise<LocalSandbox>;
  /** Why npm must not work on a sandbox; null: it may. */
  readonly refusal?: (sandbox: LocalSandbox) => AppError | null;
}): PackageStore {
  const { runTool, lock, sandboxOf, refusal = () => null } = options;

  const run = async (
    doing: string,
    sandbox: LocalSandbox,
    args: readonly string[],
    { signal, progress }: Pick<Task, 'signal'> & Partial<Task>,
  ): Promise<string> => {
    const refused = refusal(sandbox);
    if (refused) throw refused;
    const npm = findProgram('npm');
    if (npm === null) throw new AppError('engine_unavailable', NO_NPM, { hint: HOW_TO_GET_NPM });
    const { workspace } = sandbox.manifest;
    // Without a prefix npm looks in the folders above for a project, and would change that one.
    // A registry that does not answer is told in seconds; npm's own way takes minutes.
    const patience = ['--fetch-retries', '1', '--fetch-retry-mintimeout', '1000'];
    const usual = ['--prefix', workspace, '--no-audit', '--no-fund', '--no-update-notifier', ...patience];
    const result = await runTool(sandbox, {
      argv: [npm, ...usual, ...args],
      env: toolEnvironment(),
      cwd: workspace,
      signal,
      ...(progress ? { onLine: progress } : {}),
    });
    if (result.exit.code !== 0) throw npmError(result, doing);
    return result.stdout;
  };
  const change = (ref: EngineRef, doing: string, args: readonly string[], task: Task) =>
    lock.run(ref, async (sandbox) => {
      await run(doing, sandbox, args, task);
    });

  const problemOf = async (sandbox: LocalSandbox) => {
    const refused = refusal(sandbox);
    if (refused) return { message: refused.message, hint: refused.hint ?? null };
    return findProgram('npm') ? null : { message: NO_NPM, hint: HOW_TO_GET_NPM };
  };

  const installed = async ({ manifest }: LocalSandbox): Promise<readonly Package[]> => {
    const project = await readPackageJson(manifest.workspace);
    const asked = { ...project?.devDependencies, ...project?.optionalDependencies, ...project?.dependencies };
    const found = await Promise.all(
      Object.keys(asked)
        .filter((name) => packageNameSchema.safeParse(name).success) // any other could lead out of the folder
        .map(async (name) => {
          const own = await readPackageJson(join(manifest.workspace, 'node_modules', name));
          if (!own?.version) return null; // asked for, and not installed
          return {
            name,
            version: own.version,
            summary: own.description?.slice(0, 500) ?? null,
            location: 'sandbox',
          } as const;
        }),
    );
    return found.filter((each) => each !== null).toSorted((a, b) => a.name.localeCompare(b.name));
  };

  return {
    provider: 'npm',
    serves: async (ref) => refusal(await sandboxOf(ref)) === null,
    async list(ref) {
      const sandbox = await sandboxOf(ref);
      const project = await readPackageJson(sandbox.manifest.workspace);
      return {
        provider: 'npm',
        packages: await installed(sandbox),
        problem: await problemOf(sandbox),
        canRepair: false,
        requirementsFile: project ? MANIFEST : null,
      };
    },
    install: (ref, { requirements, fromFile }, task) =>
      lock.run(ref, async (sandbox) => {
        if (requirements.length === 0 && !fromFile) {
          throw new AppError('invalid_input', 'No package was named.', { details: { field: 'requirements' } });
        }
        if (fromFile && !(await readPackageJson(sandbox.manifest.workspace))) {
          throw new AppError('not_found', `There is no ${MANIFEST} in the workspace.`, {
            hint: 'Name the packages instead.',
          });
        }
        // Naming some installs what the file asks for as well.
        await run('Installing packages', sandbox, ['install', ...requirements], task);
      }),
    upgrade: (ref, names, task) =>
      change(ref, 'Upgrading packages', ['install', ...names.map((name) => `${name}@latest`)], task),
    uninstall: (ref, names, task) =>
      lock.run(ref, async (sandbox) => {
        // npm is content with removing what is not there.
        const there = new Set((await installed(sandbox)).map(({ name }) => name));
        const missing = names.find((name) => !there.has(name));
        if (missing !== undefined) {
          throw new AppError('not_found', `The package ${missing} is not installed in this sandbox.`, {
            details: { package: missing },
          });
        }
        await run('Removing packages', sandbox, ['uninstall', ...names], task);
      }),
    async freeze(ref) {
      return (await installed(await sandboxOf(ref))).map(({ name, version }) => `${name}@${version}\n`).join('');
    },
    async versions(ref, name, signal) {
      const text = await run(`Looking for ${name}`, await sandboxOf(ref), ['view', name, 'versions', '--json'], {
        signal,
      });
      // A single one is a string of its own.
      const versions = z.union([z.array(z.string()), z.string().transform((one) => [one])]).parse(JSON.parse(text));
      return versions.toReversed();
    },
  };
}

/** Null when there is none, or what is there is none. */
async function readPackageJson(folder: string): Promise<z.infer<typeof packageJsonSchema> | null> {
  const text = await readBeginning(join(folder, MANIFEST), MOST_BYTES);
  if (text === null) return null;
  try {
    return packageJsonSchema.parse(JSON.parse(text));
  } catch {
    return null; // npm says what is wrong with it when it is asked to do something
  }
}
