import type { EventType, TerrariumEvent } from '../../shared/model/event.ts';
import { FUNCTION_LABEL } from '../../shared/model/function.ts';
import type { Sandbox } from '../../shared/model/sandbox.ts';
import type { EngineKind } from '../../shared/model/spec.ts';
import { type AsyncQueue, createAsyncQueue } from '../lib/async-queue.ts';
import { createTopic } from '../lib/topic.ts';
import type { EventFilter, Store } from '../store/store.ts';

/** Whom it happened to. A sandbox's name is kept too: it outlives the sandbox. */
export interface EventSubject {
  readonly sandbox?: Pick<Sandbox, 'id' | 'name' | 'engine'> & Partial<Pick<Sandbox, 'spec'>>;
  readonly engine?: EngineKind;
}

/** What happened to which sandbox: kept in the store, told to whoever watches. */
export interface Events {
  readonly record: (type: EventType, message: string, subject?: EventSubject) => void;
  readonly list: (filter: EventFilter) => readonly TerrariumEvent[];
  readonly watch: (sandboxId: string | undefined) => AsyncQueue<TerrariumEvent>;
}

/** What goes on with a function's instances at each invocation; its history tells of that. */
const routine: ReadonlySet<EventType> = new Set(['created', 'started', 'stopped', 'exited', 'destroyed']);
/** Events that may wait for a slow reader; what comes on top is only in the store. */
const BACKLOG = 1000;

export function createEvents(store: Store): Events {
  const topic = createTopic<TerrariumEvent>();
  return {
    record(type, message, { sandbox, engine = sandbox?.engine } = {}) {
      if (routine.has(type) && sandbox?.spec?.labels[FUNCTION_LABEL] !== undefined) return;
      topic.publish(
        store.events.add({
          at: Date.now(),
          type,
          sandboxId: sandbox?.id ?? null,
          sandboxName: sandbox?.name ?? null,
          engine: engine ?? null,
          message,
        }),
      );
    },
    list: (filter) => store.events.list(filter),
    watch(sandboxId) {
      const unsubscribe = topic.subscribe((event) => {
        if (sandboxId !== undefined && event.sandboxId !== sandboxId) return;
        if (queue.size() < BACKLOG) queue.push(event);
      });
      const queue = createAsyncQueue<TerrariumEvent>(unsubscribe);
      return queue;
    },
  };
}
