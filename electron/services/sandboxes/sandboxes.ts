import type { Origin } from '../../../shared/contract/settings.ts';
import { type Capabilities, capabilitiesFor } from '../../../shared/model/engine.ts';
import type { Json } from '../../../shared/model/json.ts';
import { type Refusal, refusals } from '../../../shared/model/refusal.ts';
import type { Sandbox, SandboxAction } from '../../../shared/model/sandbox.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import type { Engine, EngineRef } from '../../engines/engine.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import { createTopic } from '../../lib/topic.ts';
import type { EngineListener } from '../engines/engines.ts';
import { type ActionOptions, type Actions, createActions, requireConfirmed } from './actions.ts';
import { type Changes, createChanges } from './changes.ts';
import type { LimitHit, SandboxContext } from './context.ts';
import { type Create, createCreate } from './create.ts';
import { type CreateOnce, createCreateOnce } from './create-once.ts';
import { createEngineFollower } from './follow-engine.ts';
import { createQuota } from './quota.ts';
import { requireObject } from './require-object.ts';
import { originsOf, type ParsedSpec, resolveSpec } from './resolve-spec.ts';
import { createSnapshots, type Snapshots } from './snapshots.ts';

export interface Sandboxes extends Actions {
  readonly create: Create;
  readonly createOnce: CreateOnce;
  readonly snapshots: Snapshots;
  readonly changes: Changes;
  /** What `create` would refuse. */
  readonly validate: (input: ParsedSpec) => Promise<readonly Refusal[]>;
  /** What `create` would make, and where each value comes from. */
  readonly explain: (input: ParsedSpec) => Promise<Explanation>;
  readonly inspect: (id: string) => Promise<Json>;
  /**
   * The engine and object behind a sandbox, for the services that work inside it. With an action,
   * throws `conflict` when the sandbox's state does not allow it, and `denied` when it is not ours and
   * that was not confirmed.
   */
  readonly target: (id: string, action?: SandboxAction, options?: ActionOptions) => Target;
  /** Called when a limit was hit by something in a sandbox, which may go on, or before the host stops it for that. */
  readonly onLimit: (listener: (hit: LimitHit) => void) => () => void;
  readonly listener: EngineListener;
}

export interface Explanation {
  /** Without a name where none was asked for. */
  readonly spec: Omit<SandboxSpec, 'name'> & { readonly name?: string };
  readonly origins: Record<string, Origin>;
}

export interface Target {
  readonly sandbox: Sandbox;
  readonly engine: Engine;
  readonly ref: EngineRef;
  /** What the engine can do, for this sandbox. */
  readonly capabilities: Capabilities;
}

export type SandboxesDependencies = Omit<
  SandboxContext,
  'quota' | 'lock' | 'dirty' | 'touched' | 'destroyed' | 'limitHits' | 'creating'
>;

export function createSandboxes(dependencies: SandboxesDependencies): Sandboxes {
  const lock = createKeyedLock();
  const context: SandboxContext = {
    ...dependencies,
    quota: createQuota(dependencies.registry, () => dependencies.settings.get().machine),
    lock: {
      isHeld: lock.isHeld,
      run(id, task) {
        context.touched.add(id);
        return lock.run(id, () => task().finally(() => settleAll(id)));
      },
    },
    dirty: new Set(),
    touched: new Set(),
    destroyed: new Set(),
    limitHits: createTopic(),
    creating: new Map(),
  };
  const { registry, engines, log } = context;

  const finishDestroy = async (id: string) => {
    try {
      await actions.destroy(id, { confirmForeign: false, keepWorkspace: false });
    } catch (error) {
      log.warn({ err: error, id }, 'a destroy that was interrupted could not be finished');
    }
  };
  /** Looks at what the engine said while an operation held the lock, until it has said nothing more. */
  const settleAll = async (id: string) => {
    while (context.dirty.has(id)) await follower.settle(id);
  };
  const follower = createEngineFollower(context, finishDestroy);
  const actions = createActions(context, follower.settle);

  const create = createCreate(context, follower.settle);

  return {
    ...actions,
    create,
    createOnce: createCreateOnce(registry, create),
    snapshots: createSnapshots(context, follower.settle, create),
    changes: createChanges(context),
    async validate(input) {
      await engines.ready(input.engine);
      const { report } = engines.available(input.engine);
      return refusals(resolveSpec(input, input.name ?? 'unnamed', report), report);
    },
    async explain(input) {
      await engines.ready(input.engine);
      const { report } = engines.available(input.engine);
      const spec = resolveSpec(input, input.name ?? 'unnamed', report);
      const origins = originsOf(input, spec, report);
      if (input.name !== undefined) return { spec, origins };
      const { name: _made, ...unnamed } = spec;
      const { name: _origin, ...others } = origins;
      return { spec: unnamed, origins: others };
    },
    async inspect(id) {
      const { engine, ref } = target(id);
      return toJson(await engine.inspectRaw(ref));
    },
    target,
    onLimit: context.limitHits.subscribe,
    listener: follower,
  };

  function target(id: string, action?: SandboxAction, options?: ActionOptions): Target {
    const entry = registry.get(id);
    const { sandbox } = entry;
    if (options) requireConfirmed(sandbox, options);
    const ref = requireObject(entry, action);
    const { engine, report } = engines.available(sandbox.engine);
    const capabilities = capabilitiesFor(report, sandbox.spec?.runtime) ?? report.capabilities;
    return { sandbox, engine, ref, capabilities };
  }
}

/** Drops what JSON cannot carry, as a client in another process would have seen it. */
function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json;
}
