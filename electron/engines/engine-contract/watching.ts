import type { Engine, EngineChange } from '../engine.ts';

/** Collects changes until the body is done; the subscription stands before the body begins. */
export async function watching(
  engine: Engine,
  body: (changes: readonly EngineChange[]) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const ready = Promise.withResolvers<void>();
  const changes: EngineChange[] = [];
  const reading = (async () => {
    for await (const change of engine.watch(controller.signal, ready.resolve)) changes.push(change);
  })();
  await Promise.race([ready.promise, reading]);
  try {
    await body(changes);
  } finally {
    controller.abort();
    await reading;
  }
}
