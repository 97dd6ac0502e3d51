/** Milliseconds that a piece of work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Takes measurements by turns (A, B, A, B, …), so that a disturbance of the machine hits all of them.
 * One more round comes first and does not count: it fills caches.
 */
export async function byTurns<const K extends string>(
  rounds: number,
  signal: AbortSignal,
  measurements: Readonly<Record<K, () => Promise<number>>>,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(measurements) as K[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      signal.throwIfAborted();
      const value = await measurements[name]();
      if (round > 0) samples[name].push(value);
    }
  }
  return samples;
}
