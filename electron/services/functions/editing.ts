import type { ServerlessFunction } from '../../../shared/contract/functions.ts';
import { AppError } from '../../../shared/model/error.ts';
import {
  defaultFunctionSettings,
  type FunctionSettings,
  type FunctionSpec,
  type FunctionVersion,
} from '../../../shared/model/function.ts';
import { runtimeOf } from '../../../shared/model/function-refusal.ts';
import { newId } from '../../lib/id.ts';
import type { FunctionRow, VersionRow } from '../../store/function-tables.ts';
import { type CheckedCode, checkCode } from './check-code.ts';
import type { FunctionContext } from './context.ts';
import { type FunctionEntry, summaryOf } from './function-registry.ts';

/** What changes functions and their versions; see the contract. */
export interface Editing {
  readonly create: (
    input: { readonly name: string; readonly spec: FunctionSpec; readonly settings: SomeSettings },
    signal: AbortSignal,
  ) => Promise<ServerlessFunction>;
  readonly update: (id: string, change: Change, signal: AbortSignal) => Promise<ServerlessFunction>;
  readonly rename: (id: string, name: string) => Promise<ServerlessFunction>;
  readonly setCurrent: (id: string, version: number) => Promise<ServerlessFunction>;
  readonly remove: (id: string) => Promise<void>;
  readonly versions: (id: string) => FunctionVersion[];
  readonly version: (id: string, version: number) => FunctionVersion & { readonly spec: FunctionSpec };
}

type SomeSettings = { readonly [K in keyof FunctionSettings]?: FunctionSettings[K] | undefined };

interface Change {
  readonly spec?: FunctionSpec | undefined;
  readonly settings?: SomeSettings | undefined;
}

/** New code that could be loaded, with or without state. */
interface Checked {
  readonly keepState: boolean;
  readonly code: CheckedCode;
}

const VERSIONS_KEPT = 100;

export function createEditing(context: FunctionContext): Editing {
  const { store, registry, modules, lock, entryOf, log } = context;

  function requireFreeName(name: string): void {
    if (!registry.all().some(({ row }) => row.name === name)) return;
    throw new AppError('conflict', `There is a function named "${name}" already`, {
      hint: 'Choose another name.',
      details: { field: 'name' },
    });
  }

  function requireVersion(id: string, version: number): VersionRow {
    const found = store.functions.version(id, version);
    if (found) return found;
    throw new AppError('not_found', `"${registry.get(id).row.name}" has no version ${version}`, {
      hint: 'It may be one of those that are kept no more.',
    });
  }

  async function addVersion(id: string, version: number, spec: FunctionSpec, checked: CheckedCode): Promise<void> {
    await checked.module?.keepAs(id, version);
    store.functions.putVersion(id, { version, createdAt: Date.now(), codeBytes: checked.bytes, spec });
  }

  async function forgetOldVersions({ id, version }: FunctionRow): Promise<void> {
    for (const old of store.functions.versions(id).slice(VERSIONS_KEPT)) {
      if (old.version === version) continue;
      store.functions.removeVersion(id, old.version);
      await modules.remove(id, old.version);
    }
  }

  function put(entry: FunctionEntry, change: Partial<FunctionRow>, spec = entry.spec): ServerlessFunction {
    // Its newest invocation may have changed meanwhile.
    const now = { ...registry.get(entry.row.id), spec, row: { ...entry.row, ...change, updatedAt: Date.now() } };
    registry.put(now);
    return describe(now);
  }

  /** Null when there is no new code. Not under the lock: code may take long to load. */
  async function checkChange(id: string, { spec, settings }: Change, signal: AbortSignal): Promise<Checked | null> {
    const before = registry.get(id);
    const { keepState } = merged(before.row.settings, settings ?? {});
    requireKeepable(spec ?? before.spec, keepState);
    if (!isNew(spec, before.spec)) return null;
    const { name, version } = before.row;
    const kept = isSameModule(spec, before.spec) ? { keptModule: modules.path(id, version) } : {};
    return { keepState, code: await checkCode(context, { name, keepState, ...kept }, spec, signal) };
  }

  /** Null when the function has changed meanwhile so that the code is to be checked again. */
  async function apply(
    id: string,
    { spec, settings }: Change,
    checked: Checked | null,
  ): Promise<ServerlessFunction | null> {
    const before = registry.get(id);
    const all = merged(before.row.settings, settings ?? {});
    requireKeepable(spec ?? before.spec, all.keepState);
    const version = before.row.lastVersion + 1;
    const hasNew = isNew(spec, before.spec);
    if (hasNew) {
      if (checked?.keepState !== all.keepState) return null;
      await addVersion(id, version, spec, checked.code);
    }
    const entry = registry.get(id);
    const numbers = hasNew ? { version, lastVersion: version } : {};
    const updated = put(entry, { ...numbers, settings: all }, hasNew ? spec : entry.spec);
    if (all.keepState !== entry.row.settings.keepState) entry.pool.renew();
    else entry.pool.adjust();
    if (hasNew) await forgetOldVersions(registry.get(id).row);
    return updated;
  }

  return {
    async create({ name, spec, settings }, signal) {
      requireFreeName(name);
      const all = merged(defaultFunctionSettings, settings);
      requireKeepable(spec, all.keepState);
      const checked = await checkCode(context, { name, keepState: all.keepState }, spec, signal);
      const id = newId('fun');
      const at = Date.now();
      const row: FunctionRow = { id, name, version: 1, lastVersion: 1, settings: all, createdAt: at, updatedAt: at };
      try {
        requireFreeName(name);
        await addVersion(id, 1, spec, checked);
        requireFreeName(name);
      } catch (error) {
        await checked.module?.discard();
        await modules.removeAll(id);
        store.functions.remove(id);
        throw error;
      }
      const entry = entryOf(row, spec);
      registry.put(entry);
      return describe(entry);
    },
    async update(id, change, signal) {
      for (;;) {
        const checked = await checkChange(id, change, signal);
        try {
          const updated = await lock.run(id, () => apply(id, change, checked));
          if (updated) return updated;
        } finally {
          await checked?.code.module?.discard();
        }
      }
    },
    rename: (id, name) =>
      lock.run(id, async () => {
        const entry = registry.get(id);
        if (name !== entry.row.name) requireFreeName(name);
        return put(entry, { name });
      }),
    setCurrent: (id, version) =>
      lock.run(id, async () => {
        const entry = registry.get(id);
        const { spec } = requireVersion(id, version);
        return put(entry, { version }, spec);
      }),
    remove: (id) =>
      lock.run(id, async () => {
        const entry = registry.find(id);
        if (!entry) return;
        registry.remove(id);
        await entry.pool.close(new AppError('cancelled', `"${entry.row.name}" was deleted`));
        await modules.removeAll(id).catch((error: unknown) => {
          log.warn({ err: error, id }, 'the modules of a deleted function could not be removed');
        });
      }),
    versions(id) {
      const { row } = registry.get(id);
      return store.functions.versions(id).map((each) => toVersion(each, row));
    },
    version(id, version) {
      const { row } = registry.get(id);
      const found = requireVersion(id, version);
      return { ...toVersion(found, row), spec: found.spec };
    },
  };
}

function isNew(spec: FunctionSpec | undefined, before: FunctionSpec): spec is FunctionSpec {
  // The file of a module may be another one under the same name.
  return spec !== undefined && (spec.code.type === 'module' || JSON.stringify(spec) !== JSON.stringify(before));
}

function isSameModule({ code }: FunctionSpec, { code: before }: FunctionSpec): boolean {
  return code.type === 'module' && before.type === 'module' && code.path === before.path;
}

/** Known without loading it. */
function requireKeepable({ code }: FunctionSpec, keepState: boolean): void {
  if (!keepState || code.type !== 'module') return;
  throw new AppError('unsupported', 'A module keeps nothing from one invocation to the next', {
    hint: 'Leave state out, or write the function in JavaScript or Python.',
    details: { field: 'settings.keepState' },
  });
}

export function describe(entry: FunctionEntry): ServerlessFunction {
  return { ...summaryOf(entry), spec: entry.spec };
}

function toVersion({ version, createdAt, codeBytes, spec }: VersionRow, row: FunctionRow): FunctionVersion {
  return {
    version,
    createdAt,
    isCurrent: version === row.version,
    engine: spec.engine,
    runtime: runtimeOf(spec) ?? null,
    codeType: spec.code.type,
    codeBytes,
  };
}

function merged(before: FunctionSettings, change: SomeSettings): FunctionSettings {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...before, ...Object.fromEntries(given) };
}
