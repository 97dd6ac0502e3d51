// Without zod, so that the page's first load does without it as well.
import type { Capabilities, EngineOffer } from './engine.ts';

/** What holds for sandboxes of this runtime; undefined when the engine has no such runtime. */
export function capabilitiesFor(offer: EngineOffer, runtime: string | undefined): Capabilities | undefined {
  if (runtime === undefined) return offer.capabilities;
  return offer.runtimes.find(({ name }) => name === runtime)?.capabilities;
}
