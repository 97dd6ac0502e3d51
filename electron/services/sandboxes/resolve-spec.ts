import type { z } from 'zod';
import { capabilitiesFor, type EngineOffer } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { type Refusal, refusals } from '../../../shared/model/refusal.ts';
import type { SandboxSpec, sandboxSpecInputSchema } from '../../../shared/model/spec.ts';

/** An input that the contract has parsed: defaults of fields are in, those of the engine are not. */
export type ParsedSpec = z.output<typeof sandboxSpecInputSchema>;

/** Fills in what the engine's capabilities default to. */
export function resolveSpec(input: ParsedSpec, name: string, offer: EngineOffer): SandboxSpec {
  // A runtime that is not there is refused with the engine's own defaults in place.
  const { defaults } = capabilitiesFor(offer, input.runtime) ?? offer.capabilities;
  return {
    ...input,
    name,
    network: input.network ?? defaults.network,
    profile: input.profile ?? defaults.profile,
  };
}

/** Throws `unsupported`, naming every field that the engine cannot serve. */
export function refuseUnsupported(spec: SandboxSpec, offer: EngineOffer): void {
  refuseFound(refusals(spec, offer), refusals({ ...spec, allowBestEffort: true }, offer).length, offer);
}

/** `unavoidable`: how many would be left if best effort were accepted. */
export function refuseFound(found: readonly Refusal[], unavoidable: number, offer: EngineOffer): void {
  if (found.length === 0) return;
  const others = `Change these or leave them out, or choose another engine${offer.runtimes.length > 0 ? ' or runtime' : ''}`;
  throw new AppError('unsupported', found.map((refusal) => refusal.message).join('; '), {
    hint: unavoidable < found.length ? `${others}, or accept best effort (allowBestEffort).` : `${others}.`,
    details: { refusals: found.map(({ field, message }) => ({ field, message })) },
  });
}
