import type { Writable } from 'node:stream';

/** All of it, or piece after piece. */
export type Input = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Gives a command its standard input, as fast as it reads, and then the end of it. Ends early where the stream closes or
 * is ended by somebody else, as the command wants no more: whoever opened it sees to its errors. Rejects with what the
 * input itself fails with.
 */
export async function feedInput(to: Writable, input: Input | undefined): Promise<void> {
  if (input === undefined || input instanceof Uint8Array) {
    to.end(input);
    return;
  }
  const over = new Promise<void>((resolve) => {
    to.once('close', resolve);
    to.once('finish', resolve);
  });
  for await (const chunk of input) {
    if (!to.writable) return;
    if (to.write(chunk)) continue;
    const drained = Promise.withResolvers<void>();
    to.once('drain', drained.resolve);
    await Promise.race([drained.promise, over]);
    to.off('drain', drained.resolve);
    if (!to.writable) return;
  }
  to.end();
}
