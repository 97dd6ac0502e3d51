import type { PackageChangeItem, PackageListing, PackageProvider } from '../../shared/contract/packages.ts';
import { AppError } from '../../shared/model/error.ts';
import { requirementProblem } from '../../shared/model/requirement.ts';
import type { EngineRef, PackageStore, Task } from '../engines/engine.ts';
import type { Activity } from './activity.ts';
import type { Events } from './events.ts';
import type { Sandboxes } from './sandboxes/sandboxes.ts';

export interface PackageTarget {
  readonly sandboxId: string;
  readonly provider: PackageProvider;
}

/** Work that tells of itself with items, the last of which is `done`. */
export type PackageChange = (push: (item: PackageChangeItem) => void, signal: AbortSignal) => Promise<void>;

export interface Packages {
  readonly list: (sandboxId: string) => Promise<readonly PackageListing[]>;
  readonly install: (
    what: PackageTarget & { readonly requirements: readonly string[]; readonly fromFile: boolean },
  ) => PackageChange;
  readonly upgrade: (what: PackageTarget & { readonly names: readonly string[] }) => PackageChange;
  readonly uninstall: (what: PackageTarget & { readonly names: readonly string[] }) => PackageChange;
  readonly repair: (what: PackageTarget) => PackageChange;
  readonly freeze: (what: PackageTarget) => Promise<string>;
  readonly versions: (
    what: PackageTarget & { readonly name: string },
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
}

export function createPackages(dependencies: {
  readonly sandboxes: Sandboxes;
  readonly activity: Activity;
  readonly events: Events;
}): Packages {
  const { sandboxes, activity, events } = dependencies;

  function find({ sandboxId, provider }: PackageTarget): { readonly store: PackageStore; readonly ref: EngineRef } {
    const { engine, ref, sandbox } = sandboxes.target(sandboxId);
    const store = engine.packages?.find((each) => each.provider === provider);
    if (store) return { store, ref };
    throw new AppError('unsupported', `${sandbox.engine} has no packages of ${provider}.`);
  }

  /** `done` is told as an event when it is. */
  function change(
    target: PackageTarget,
    done: string,
    work: (store: PackageStore, ref: EngineRef, task: Task) => Promise<void>,
  ): PackageChange {
    return async (push, signal) => {
      const { store, ref } = find(target);
      const progress = (message: string) => {
        // An install that goes on is use: the idle limit must not end it.
        activity.touch(target.sandboxId);
        push({ type: 'progress', message });
      };
      await work(store, ref, { signal, progress });
      const { sandbox } = sandboxes.target(target.sandboxId);
      events.record('updated', done, { sandbox });
      push({ type: 'done', listing: await store.list(ref) });
    };
  }

  return {
    async list(sandboxId) {
      const { engine, ref } = sandboxes.target(sandboxId);
      const listings = (engine.packages ?? []).map(async (store) =>
        (await store.serves?.(ref)) === false ? [] : [await store.list(ref)],
      );
      return (await Promise.all(listings)).flat();
    },
    install({ requirements, fromFile, ...target }) {
      for (const requirement of requirements) refuseForeign(target.provider, requirement);
      const names = [...requirements, ...(fromFile ? ['what the workspace asks for'] : [])].join(', ');
      return change(target, `Installed packages: ${names}`, (store, ref, task) =>
        store.install(ref, { requirements, fromFile }, task),
      );
    },
    upgrade: ({ names, ...target }) =>
      change(target, `Upgraded packages: ${names.join(', ')}`, (store, ref, task) => store.upgrade(ref, names, task)),
    uninstall: ({ names, ...target }) =>
      change(target, `Removed packages: ${names.join(', ')}`, (store, ref, task) => store.uninstall(ref, names, task)),
    repair: (target) =>
      change(target, 'Repaired what its packages live in', async (store, ref, task) => {
        if (!store.repair) throw new AppError('unsupported', `There is nothing to repair with ${target.provider}.`);
        await store.repair(ref, task);
      }),
    async freeze(target) {
      const { store, ref } = find(target);
      return store.freeze(ref);
    },
    async versions({ name, ...target }, signal) {
      const { store, ref } = find(target);
      return store.versions(ref, name, signal);
    },
  };
}

/** The contract takes either provider's words; each gets its own only. */
function refuseForeign(provider: PackageProvider, requirement: string): void {
  const problem = requirementProblem(provider, requirement);
  if (problem === null) return;
  throw new AppError('invalid_input', problem, { details: { field: 'requirements', package: requirement } });
}
