import { AppError, toErrorData } from '../../../shared/model/error.ts';
import type { EventType } from '../../../shared/model/event.ts';
import { type Limits, limitInWords } from '../../../shared/model/limits.ts';
import { ownLabelsOf } from '../../../shared/model/own-labels.ts';
import type { Sandbox, SandboxAction } from '../../../shared/model/sandbox.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import type { Engine, EngineObject, EngineRef } from '../../engines/engine.ts';
import { toAppError } from '../../lib/error-reference.ts';
import type { SandboxContext } from './context.ts';
import { keepWorkspace, makeSandboxDirectory, removeSandboxDirectory } from './directories.ts';
import { observe } from './observe.ts';
import type { Entry } from './registry.ts';
import { requireObject, requireState } from './require-object.ts';
import { refuseUnsupported } from './resolve-spec.ts';

export interface ActionOptions {
  /** Needed for what Terrarium did not make. */
  readonly confirmForeign: boolean;
}

export interface Actions {
  readonly start: (id: string, options: ActionOptions) => Promise<Sandbox>;
  readonly stop: (id: string, graceMs: number, options: ActionOptions, why?: StopReason) => Promise<Sandbox>;
  readonly pause: (id: string, options: ActionOptions) => Promise<Sandbox>;
  readonly resume: (id: string, options: ActionOptions) => Promise<Sandbox>;
  readonly rebuild: (id: string) => Promise<Sandbox>;
  readonly destroy: (
    id: string,
    options: ActionOptions & { readonly keepWorkspace: boolean },
    /** What is told of it, where nobody asked for it. */
    why?: string,
  ) => Promise<{ readonly keptWorkspace: string | null }>;
  readonly update: (
    id: string,
    change: {
      readonly name?: string | undefined;
      readonly labels?: Record<string, string> | undefined;
      readonly limits?: Limits | undefined;
      readonly ttlMs?: number | undefined;
    },
  ) => Promise<Sandbox>;
}

/** A limit that the host itself enforces by stopping. */
export interface StopReason {
  readonly limit: keyof Limits;
}

/** `settle` looks again at what the engine said meanwhile; see engine follower. */
export function createActions(context: SandboxContext, settle: (id: string) => Promise<void>): Actions {
  const { registry, engines, events, quota, lock, log } = context;

  /** Puts a sandbox's new state and gives back what the list now says. */
  const put = (sandbox: Sandbox, ref: EngineRef | null): Sandbox => {
    registry.put({ sandbox, ref });
    return sandbox;
  };

  const record = (sandbox: Sandbox, type: EventType, message: string) => events.record(type, message, { sandbox });

  /** Of one that is about to run. What others made is not counted. */
  const reserve = ({ id, spec }: Sandbox) => (spec ? quota.reserve(id, spec) : () => undefined);

  /** Runs one operation under the sandbox's lock; what it throws is kept as the sandbox's error. */
  function operate(
    id: string,
    action: SandboxAction,
    options: ActionOptions,
    work: (engine: Engine, entry: Entry & { readonly ref: EngineRef }) => Promise<EngineObject>,
    done: { readonly type: EventType; readonly message: string },
  ): Promise<Sandbox> {
    return lock.run(id, async () => {
      await engines.ready(registry.get(id).sandbox.engine);
      const entry = registry.get(id);
      requireConfirmed(entry.sandbox, options);
      const ref = requireObject(entry, action);
      const { engine } = engines.available(entry.sandbox.engine);
      const release = action === 'start' ? reserve(entry.sandbox) : () => undefined;
      try {
        const object = await work(engine, { ...entry, ref });
        put(observe({ ...registry.get(id).sandbox, error: null, state: object.state }, object), ref);
        record(entry.sandbox, done.type, done.message);
      } catch (error) {
        await fail(entry, action, error);
      } finally {
        release();
      }
      await settle(id);
      // It may be gone by now, e.g. a container of others that removes itself when it stops.
      return registry.find(id)?.sandbox ?? { ...entry.sandbox, state: 'stopped' };
    });
  }

  /** Leaves the sandbox in the state that tells the truth, and throws the error on. */
  async function fail(entry: Entry, action: SandboxAction, error: unknown): Promise<void> {
    const known = toAppError(error, log);
    const { id } = entry.sandbox;
    if (known.code === 'not_found') {
      context.dirty.add(id); // looked at again, which takes it off the list or calls it lost
      if (action === 'stop') return;
      throw known;
    }
    if (known.code === 'unsupported' || known.code === 'engine_unavailable') {
      put({ ...registry.get(id).sandbox, state: entry.sandbox.state }, entry.ref);
    } else {
      put({ ...registry.get(id).sandbox, state: 'error', error: toErrorData(known) }, entry.ref);
      record(entry.sandbox, 'error', `${action} failed: ${known.message}`);
      context.dirty.add(id);
    }
    throw known;
  }

  /**
   * Throws when the engine is needed and not there. A lost one, or one whose creation failed, has nothing
   * in the engine that is listed; but where the id is the ref, what is left of it is found and ended.
   */
  function objectDestroyer({ sandbox, ref }: Entry): () => Promise<void> {
    if (ref !== null) {
      const { engine } = engines.available(sandbox.engine);
      return () => engine.destroy(ref);
    }
    const engine = engines.find(sandbox.engine);
    return async () => (engine?.refIsId ? engine.destroy(sandbox.id) : undefined);
  }

  async function rebuildNow(entry: Entry): Promise<Sandbox> {
    const { spec } = entry.sandbox;
    if (!spec)
      throw new AppError(
        'unsupported',
        `"${entry.sandbox.name}" was not made by Terrarium: there is no spec to rebuild it from`,
      );
    const { engine } = engines.available(entry.sandbox.engine);
    const wasRunning = entry.sandbox.state === 'running' || entry.sandbox.state === 'paused';
    const release = wasRunning ? reserve(entry.sandbox) : () => undefined;
    const generation = entry.sandbox.generation + 1;
    // Intent first: from here on an object of the old generation is a leftover.
    const making = put({ ...entry.sandbox, state: 'creating', generation, error: null, exit: null }, entry.ref);
    try {
      await objectDestroyer(entry)();
      put(making, null);
      const directory = await makeSandboxDirectory(context.home, making.id);
      const { ports: portRange } = context.settings.get();
      const object = await engine.create(
        { id: making.id, generation, spec, directory, portRange },
        { signal: new AbortController().signal, progress: () => undefined },
      );
      put(observe({ ...making, state: object.state }, object), object.ref);
      record(making, 'rebuilt', 'Rebuilt from its spec');
      if (wasRunning) put(observe(registry.get(making.id).sandbox, await engine.start(object.ref)), object.ref);
    } catch (error) {
      const known = toAppError(error, log);
      const { sandbox, ref } = registry.get(making.id);
      put({ ...sandbox, state: 'error', error: toErrorData(known) }, ref);
      record(making, 'error', `rebuild failed: ${known.message}`);
      throw known;
    } finally {
      release();
    }
    await settle(making.id);
    return registry.get(making.id).sandbox;
  }

  /** In the engine. Gives what lets go of the memory that is kept until the list says the same. */
  async function changeLimits(entry: Entry, spec: SandboxSpec, change: Limits): Promise<() => void> {
    const ref = requireObject(entry);
    const { engine, report } = engines.available(entry.sandbox.engine);
    const limits = { ...spec.limits, ...change };
    refuseUnsupported({ ...spec, limits }, report);
    const { id, state } = entry.sandbox;
    const release = state === 'running' || state === 'paused' ? quota.reserve(id, { limits }) : () => undefined;
    try {
      await engine.updateLimits(ref, change);
    } catch (error) {
      release();
      throw error;
    }
    return release;
  }

  async function destroyNow(entry: Entry, keep: boolean, why: string | undefined): Promise<string | null> {
    const { sandbox } = entry;
    const destroyObject = objectDestroyer(entry);
    put({ ...sandbox, state: 'destroying' }, entry.ref);
    try {
      await destroyObject();
      let kept: string | null = null;
      if (!sandbox.foreign) {
        if (keep) kept = await keepWorkspace(context.home, sandbox);
        await removeSandboxDirectory(context.home, sandbox.id);
        context.destroyed.add(sandbox.id);
      }
      registry.remove(sandbox.id);
      const reason = why === undefined ? '' : `: ${why}`;
      record(sandbox, 'destroyed', kept ? `Destroyed; the workspace was kept in ${kept}` : `Destroyed${reason}`);
      return kept;
    } catch (error) {
      const known = toAppError(error, log);
      put({ ...sandbox, state: 'error', error: toErrorData(known) }, entry.ref);
      record(sandbox, 'error', `destroy failed: ${known.message}`);
      throw known;
    }
  }

  return {
    start: (id, options) =>
      operate(id, 'start', options, (engine, { ref }) => engine.start(ref), { type: 'started', message: 'Started' }),
    stop: (id, graceMs, options, why) =>
      operate(
        id,
        'stop',
        options,
        async (engine, { sandbox, ref }) => {
          put({ ...sandbox, state: 'stopping' }, ref);
          // Before anything in it ends: who waits for that is to know why.
          if (why) context.limitHits.publish({ id, limit: why.limit });
          const object = await engine.stop(ref, graceMs);
          return why ? { ...object, exit: { code: null, signal: null, ...object.exit, limit: why.limit } } : object;
        },
        why
          ? { type: 'limit_exceeded', message: `Stopped by its limit of ${limitInWords(why.limit)}` }
          : { type: 'stopped', message: 'Stopped' },
      ),
    pause: (id, options) =>
      operate(id, 'pause', options, (engine, { ref }) => engine.pause(ref), { type: 'paused', message: 'Paused' }),
    resume: (id, options) =>
      operate(id, 'resume', options, (engine, { ref }) => engine.resume(ref), { type: 'resumed', message: 'Resumed' }),
    rebuild: (id) =>
      lock.run(id, async () => {
        await engines.ready(registry.get(id).sandbox.engine);
        const entry = registry.get(id);
        requireState(entry.sandbox, 'rebuild');
        return rebuildNow(entry);
      }),
    destroy(id, options, why) {
      context.creating.get(id)?.abort(new AppError('cancelled', 'It was destroyed while it was being made'));
      return lock.run(id, async () => {
        const entry = registry.find(id);
        if (!entry) return { keptWorkspace: null }; // somebody was faster: the wish is fulfilled
        requireConfirmed(entry.sandbox, options);
        await engines.ready(entry.sandbox.engine);
        return { keptWorkspace: await destroyNow(entry, options.keepWorkspace, why) };
      });
    },
    update: (id, change) =>
      lock.run(id, async () => {
        const entry = registry.get(id);
        const { sandbox } = entry;
        const { spec } = sandbox;
        if (!spec) throw new AppError('denied', `"${sandbox.name}" was not made by Terrarium`);
        if (change.name !== undefined && change.name !== sandbox.name) requireFreeName(registry.all(), change.name);
        const release = change.limits === undefined ? () => undefined : await changeLimits(entry, spec, change.limits);
        const name = change.name ?? sandbox.name;
        const updated: Sandbox = {
          ...sandbox,
          name,
          spec: {
            ...spec,
            name,
            labels: change.labels ? { ...ownLabelsOf(spec.labels), ...change.labels } : spec.labels,
            limits: { ...spec.limits, ...change.limits },
            ...(change.ttlMs === undefined ? {} : { ttlMs: change.ttlMs }),
          },
        };
        // An end that is put off again and again is no news.
        const isNews = [change.name, change.labels, change.limits].some((each) => each !== undefined);
        if (isNews) {
          record(sandbox, 'updated', name === sandbox.name ? 'Changed' : `Renamed from "${sandbox.name}" to "${name}"`);
        }
        const changed = put(updated, entry.ref);
        release();
        return changed;
      }),
  };
}

/** Throws `denied` for what Terrarium did not make, unless the user said that it is meant. */
export function requireConfirmed(sandbox: Sandbox, options: ActionOptions): void {
  if (!sandbox.foreign || options.confirmForeign) return;
  throw new AppError('denied', `"${sandbox.name}" was not made by Terrarium`, {
    hint: 'Confirm that you mean it to go on.',
  });
}

/** Throws `conflict` when a sandbox of ours has the name already. */
export function requireFreeName(entries: readonly Entry[], name: string): void {
  if (!entries.some(({ sandbox }) => !sandbox.foreign && sandbox.name === name)) return;
  throw new AppError('conflict', `There is a sandbox named "${name}" already`, {
    hint: 'Choose another name.',
    details: { field: 'spec.name' },
  });
}
