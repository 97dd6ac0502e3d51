import { type AppError, toErrorData } from '../../../shared/model/error.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { CreateRequest, Engine, EngineObject, Task } from '../../engines/engine.ts';
import { toAppError } from '../../lib/error-reference.ts';
import { newId } from '../../lib/id.ts';
import { requireFreeName } from './actions.ts';
import type { SandboxContext } from './context.ts';
import { makeSandboxDirectory, removeSandboxDirectory } from './directories.ts';
import { makeName } from './names.ts';
import { observe } from './observe.ts';
import { originsOf, type ParsedSpec, refuseUnsupported, resolveSpec } from './resolve-spec.ts';

/** Another way to come to the object than the engine's `create`, e.g. from a snapshot. The spec is then whole already. */
export type MakeObject = (engine: Engine, request: CreateRequest, task: Task) => Promise<EngineObject>;

export type Create = (input: ParsedSpec, start: boolean, task: Task, how?: MakeObject) => Promise<Sandbox>;

/**
 * Makes a sandbox. Nothing stays behind when it fails or is aborted; a sandbox that was made but
 * does not start stays in the list with state `error`, for the user to look at.
 */
export function createCreate(context: SandboxContext, settle: (id: string) => Promise<void>): Create {
  const { registry, engines, events, quota, lock, log, creating } = context;

  interface Announced {
    readonly sandbox: Sandbox;
    readonly engine: Engine;
    /** Lets go of the memory that is kept for it while it is made. */
    readonly release: () => void;
  }

  function announce(input: ParsedSpec, start: boolean, isWhole: boolean): Announced {
    const { engine, report } = engines.available(input.engine);
    const { configured: _, ...bare } = report;
    const offer = isWhole ? bare : report;
    const isTaken = (name: string) => registry.all().some(({ sandbox }) => sandbox.name === name);
    const spec = resolveSpec(input, input.name ?? makeName(isTaken), offer);
    refuseUnsupported(spec, offer, originsOf(input, spec, offer));
    requireFreeName(registry.all(), spec.name);
    quota.requireRoom();
    const id = newId('sbx');
    const release = start ? quota.reserve(id, spec) : () => undefined;
    const sandbox: Sandbox = {
      id,
      name: spec.name,
      engine: spec.engine,
      state: 'creating',
      foreign: false,
      spec,
      source:
        spec.source.type === 'image'
          ? spec.source.reference
          : spec.source.type === 'directory'
            ? spec.source.path
            : 'empty',
      generation: 1,
      createdAt: Date.now(),
      startedAt: null,
      stoppedAt: null,
      exit: null,
      error: null,
      ports: [],
      workspace: null,
    };
    registry.put({ sandbox, ref: null });
    return { sandbox, engine, release };
  }

  async function make(sandbox: Sandbox, engine: Engine, task: Task, how: MakeObject): Promise<void> {
    const { spec, id } = sandbox;
    if (!spec) throw new Error('a sandbox of ours has a spec');
    try {
      const directory = await makeSandboxDirectory(context.home, id);
      task.signal.throwIfAborted();
      const { ports: portRange } = context.settings.get();
      const object = await how(engine, { id, generation: 1, spec, directory, portRange }, task);
      registry.put({ sandbox: observe({ ...sandbox, state: object.state }, object), ref: object.ref });
      task.signal.throwIfAborted();
    } catch (error) {
      const known = toAppError(error, log);
      await undo(id, engine, known);
      throw known;
    }
    events.record('created', 'Created', { sandbox });
  }

  /** Leaves nothing behind; where that fails, the sandbox stays in the list so that the user can destroy it. */
  async function undo(id: string, engine: Engine, reason: AppError): Promise<void> {
    const { sandbox, ref } = registry.get(id);
    const message = `"${sandbox.name}" was not made: ${reason.message}`;
    try {
      if (ref !== null) await engine.destroy(ref);
      await removeSandboxDirectory(context.home, id);
    } catch (error) {
      const left = toAppError(error, log);
      registry.put({ sandbox: { ...sandbox, state: 'error', error: toErrorData(left) }, ref });
      events.record('create_failed', `${message}; it could not be removed: ${left.message}`, { sandbox });
      return;
    }
    context.destroyed.add(id);
    registry.remove(id);
    events.record('create_failed', message, { engine: sandbox.engine });
  }

  async function startNew(id: string, engine: Engine): Promise<void> {
    const { sandbox, ref } = registry.get(id);
    if (ref === null) return;
    try {
      registry.put({ sandbox: observe(sandbox, await engine.start(ref)), ref });
      events.record('started', 'Started', { sandbox });
    } catch (error) {
      const known = toAppError(error, log);
      registry.put({ sandbox: { ...sandbox, state: 'error', error: toErrorData(known) }, ref });
      events.record('error', `start failed: ${known.message}`, { sandbox });
      context.dirty.add(id);
    }
  }

  const byEngine: MakeObject = (engine, request, task) => engine.create(request, task);

  return async (input, start, task, how) => {
    await engines.ready(input.engine);
    const { sandbox, engine, release } = announce(input, start, how !== undefined);
    const { id } = sandbox;
    const cancel = new AbortController();
    creating.set(id, cancel);
    const signal = AbortSignal.any([task.signal, cancel.signal]);
    return lock.run(id, async () => {
      try {
        task.progress(`Creating "${sandbox.name}"`);
        await make(sandbox, engine, { ...task, signal }, how ?? byEngine);
        if (start) {
          task.progress(`Starting "${sandbox.name}"`);
          await startNew(id, engine);
        }
        await settle(id);
        return registry.get(id).sandbox;
      } finally {
        release();
        creating.delete(id);
      }
    });
  };
}
