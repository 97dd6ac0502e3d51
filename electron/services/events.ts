import type { EventType, TerrariumEvent } from '../../shared/model/event.ts';
import type { EngineKind } from '../../shared/model/spec.ts';
import { type AsyncQueue, createAsyncQueue } from '../lib/async-queue.ts';
import { createTopic } from '../lib/topic.ts';
import type { EventFilter, Store } from '../store/store.ts';

export interface EventSubject {
  readonly sandboxId?: string;
  readonly engine?: EngineKind;
}

/** What happened to which sandbox: kept in the store, told to whoever watches. */
export interface Events {
  readonly record: (type: EventType, message: string, subject?: EventSubject) => void;
  readonly list: (filter: EventFilter) => readonly TerrariumEvent[];
  readonly watch: (sandboxId: string | undefined) => AsyncQueue<TerrariumEvent>;
}

/** Events that may wait for a slow reader; what comes on top is only in the store. */
const BACKLOG = 1000;

export function createEvents(store: Store): Events {
  const topic = createTopic<TerrariumEvent>();
  return {
    record(type, message, subject = {}) {
      topic.publish(
        store.events.add({
          at: Date.now(),
          type,
          sandboxId: subject.sandboxId ?? null,
          engine: subject.engine ?? null,
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
