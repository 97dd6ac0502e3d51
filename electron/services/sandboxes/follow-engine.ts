import { AppError, isAppError, toErrorData } from '../../../shared/model/error.ts';
import { limitInWords } from '../../../shared/model/limits.ts';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import type { EngineKind } from '../../../shared/model/spec.ts';
import type { EngineChange, EngineObject, EngineRef } from '../../engines/engine.ts';
import type { EngineListener } from '../engines/engines.ts';
import type { SandboxContext } from './context.ts';
import { describeChange, foreignSandbox, observe } from './observe.ts';
import type { Entry } from './registry.ts';

export interface EngineFollower extends EngineListener {
  /** Call in its lock: brings one sandbox up to date if the engine spoke of it during an operation. Never rejects. */
  readonly settle: (id: string) => Promise<void>;
}

const isGone = (error: unknown) => isAppError(error, 'not_found');

/** Joins what the engines say with what the store remembers: live, orphan, lost, foreign (design §4). */
export function createEngineFollower(
  context: SandboxContext,
  finishDestroy: (id: string) => Promise<void>,
): EngineFollower {
  const { registry, events, lock, dirty, touched, destroyed, engines, log } = context;

  const isNews = (entry: Entry, object: EngineObject) =>
    entry.ref !== object.ref || JSON.stringify(observe(entry.sandbox, object)) !== JSON.stringify(entry.sandbox);

  /** What the engine says while an operation goes on is looked at after it. Never rejects. */
  async function lookAfterwards(id: string): Promise<void> {
    dirty.add(id);
    await lock.run(id, async () => undefined);
  }

  /**
   * Call in the sandbox's lock: asks the engine for the object as it is now. `isLost`: what its failing means. Never rejects:
   * what could not be asked now is told by the engine's next list.
   */
  async function look(id: string, ref: EngineRef, isLost: (error: unknown) => boolean): Promise<void> {
    const entry = registry.find(id);
    if (!entry) return;
    try {
      apply(entry, await engines.available(entry.sandbox.engine).engine.inspect(ref));
    } catch (error) {
      if (entry.ref === ref && isLost(error)) {
        if (entry.sandbox.foreign) registry.remove(id);
        else markLost(entry);
        return;
      }
      const isUsual = isGone(error) || isAppError(error, 'engine_unavailable');
      log[isUsual ? 'debug' : 'warn']({ err: error, id }, 'could not look at what an engine reported');
    }
  }

  /** What the engine says after an operation can still be of before it, so it is asked again. */
  const lookAgain = (id: string, ref: EngineRef, isLost: (error: unknown) => boolean) =>
    lock.run(id, () => look(id, ref, isLost));

  function apply(entry: Entry, object: EngineObject): void {
    if (!isNews(entry, object)) return;
    const after = observe(entry.sandbox, object);
    registry.put({ sandbox: after, ref: object.ref });
    const happening = describeChange(entry.sandbox, after);
    if (happening) record(after, happening.type, happening.message);
  }

  function record(sandbox: Sandbox, type: Parameters<typeof events.record>[0], message: string): void {
    events.record(type, message, { sandbox });
  }

  function applyForeign(kind: EngineKind, object: EngineObject): string {
    const sandbox = foreignSandbox(kind, object);
    const before = registry.find(sandbox.id);
    if (JSON.stringify(before?.sandbox) !== JSON.stringify(sandbox)) registry.put({ sandbox, ref: object.ref });
    const happening = before && !lock.isHeld(sandbox.id) ? describeChange(before.sandbox, sandbox) : null;
    if (happening) record(sandbox, happening.type, happening.message);
    return sandbox.id;
  }

  /** Ours by its labels, but unknown: the store was lost. The labels bring it back. */
  function adopt(kind: EngineKind, object: EngineObject, owned: NonNullable<EngineObject['owned']>): void {
    const sandbox: Sandbox = {
      ...foreignSandbox(kind, object),
      id: owned.id,
      name: owned.spec.name,
      foreign: false,
      spec: owned.spec,
      generation: owned.generation,
    };
    registry.put({ sandbox, ref: object.ref });
    record(sandbox, 'adopted', 'Found in the engine without a record of it, taken back into the list');
  }

  function markLost(entry: Entry): void {
    const error = new AppError('not_found', 'It was removed outside Terrarium', {
      hint: 'Rebuild makes it again from its spec; destroy takes it off the list.',
    });
    const sandbox: Sandbox = { ...entry.sandbox, state: 'lost', error: toErrorData(error), ports: [] };
    registry.put({ sandbox, ref: null });
    record(sandbox, 'lost', 'Removed outside Terrarium');
  }

  function markInterrupted(entry: Entry): void {
    const error = new AppError('internal', 'Its creation was interrupted', {
      hint: 'Rebuild makes it again from its spec; destroy takes it off the list.',
    });
    registry.put({ sandbox: { ...entry.sandbox, state: 'error', error: toErrorData(error) }, ref: null });
    record(entry.sandbox, 'error', 'Creation was interrupted');
  }

  async function removeLeftover(
    kind: EngineKind,
    object: EngineObject,
    { id, spec }: NonNullable<EngineObject['owned']>,
  ): Promise<void> {
    await engines.available(kind).engine.destroy(object.ref);
    events.record('orphan_removed', 'Removed what an earlier operation left behind', {
      sandbox: { id, name: spec.name, engine: kind },
    });
  }

  /** One object as the engine lists or reports it. Returns the sandbox that it belongs to. */
  async function take(kind: EngineKind, object: EngineObject, isListed = false): Promise<string> {
    const { owned } = object;
    if (!owned) return applyForeign(kind, object);
    if (destroyed.has(owned.id)) {
      // A late word of it means nothing; one that is still there is what a destroy left behind.
      if (isListed && !lock.isHeld(owned.id)) await removeLeftover(kind, object, owned);
      return owned.id;
    }
    if (lock.isHeld(owned.id)) {
      void lookAfterwards(owned.id);
      return owned.id;
    }
    const entry = registry.find(owned.id);
    if (!entry) adopt(kind, object, owned);
    else if (owned.generation < entry.sandbox.generation) await removeLeftover(kind, object, owned);
    else if (entry.sandbox.state === 'destroying') {
      registry.put({ ...entry, ref: object.ref });
      void finishDestroy(owned.id);
    } else if (!touched.has(owned.id)) apply(entry, object);
    else if (isNews(entry, object)) {
      await lookAgain(owned.id, object.ref, isGone);
    }
    return owned.id;
  }

  async function missing(id: string): Promise<void> {
    const entry = registry.find(id);
    if (!entry) return;
    const { state, foreign } = entry.sandbox;
    if (foreign) registry.remove(id);
    else if (lock.isHeld(id)) void lookAfterwards(id);
    else if (state === 'creating') markInterrupted(entry);
    else if (state === 'destroying') void finishDestroy(id);
    else if (entry.ref === null) return;
    else if (!touched.has(id)) markLost(entry);
    // One whose record cannot be read is not listed either, and lost.
    else await lookAgain(id, entry.ref, (error) => !isAppError(error, 'engine_unavailable'));
  }

  return {
    async onList(kind, objects) {
      const seen = new Set<string>();
      for (const object of objects) {
        // One object that cannot be handled must not hide the others.
        try {
          seen.add(await take(kind, object, true));
        } catch (error) {
          log.error({ err: error, ref: object.ref }, 'could not take in an object of the engine');
          if (object.owned) seen.add(object.owned.id);
        }
      }
      const others = registry.all().filter(({ sandbox: { engine, id } }) => engine === kind && !seen.has(id));
      for (const { sandbox } of others) await missing(sandbox.id);
    },
    async onChange(kind, change: EngineChange) {
      if (change.type === 'changed') {
        await take(kind, change.object);
        return;
      }
      const entry = registry.findByRef(kind, change.ref);
      if (!entry) return;
      if (change.type === 'removed') await missing(entry.sandbox.id);
      else {
        record(entry.sandbox, 'limit_exceeded', `Hit its limit of ${limitInWords(change.limit)}`);
        context.limitHits.publish({ id: entry.sandbox.id, limit: change.limit });
      }
    },
    async settle(id) {
      const ref = registry.find(id)?.ref;
      if (dirty.delete(id) && ref) await look(id, ref, isGone);
    },
  };
}
