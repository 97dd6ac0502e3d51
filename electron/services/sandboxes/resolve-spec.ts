import type { z } from 'zod';
import type { Origin } from '../../../shared/contract/settings.ts';
import { withConfigured } from '../../../shared/model/configured-spec.ts';
import { capabilitiesFor, type EngineOffer } from '../../../shared/model/engine.ts';
import { AppError } from '../../../shared/model/error.ts';
import { type Refusal, refusals } from '../../../shared/model/refusal.ts';
import type { SandboxSpec, sandboxSpecInputSchema } from '../../../shared/model/spec.ts';

/** An input that the contract has parsed: defaults of fields are in, those of the engine are not. */
export type ParsedSpec = z.output<typeof sandboxSpecInputSchema>;

/** Fills in what is configured for the engine, and then what its capabilities default to. */
export function resolveSpec(given: ParsedSpec, name: string, offer: EngineOffer): SandboxSpec {
  const input = withConfigured(given, offer);
  // A runtime that is not there is refused with the engine's own defaults in place.
  const { defaults } = capabilitiesFor(offer, input.runtime) ?? offer.capabilities;
  return {
    ...input,
    name,
    network: input.network ?? defaults.network,
    profile: input.profile ?? defaults.profile,
    allowBestEffort: input.allowBestEffort ?? false,
  };
}

/** Where each value of a resolved spec comes from, by its name with dots; empty ones are left out. */
export function originsOf(
  given: ParsedSpec,
  spec: SandboxSpec,
  { configured = {} }: EngineOffer,
): Record<string, Origin> {
  const { image, ...others } = configured;
  const inConfig: Readonly<Record<string, unknown>> = { ...others, source: image };
  const originOf = (name: string, wanted: unknown, file: unknown, key: string): [string, Origin] => {
    if (!isEmpty(wanted)) return [name, { type: 'given' }];
    return [name, isEmpty(file) ? { type: 'default' } : { type: 'config', key: `engines.${spec.engine}.${key}` }];
  };
  return Object.fromEntries(
    Object.entries(spec).flatMap(([name, value]) => {
      const wanted = given[name as keyof ParsedSpec];
      if (!MERGED.has(name)) {
        return isEmpty(value) ? [] : [originOf(name, wanted, inConfig[name], name === 'source' ? 'image' : name)];
      }
      return Object.keys(value as object).map((step) =>
        originOf(`${name}.${step}`, at(wanted, step), at(inConfig[name], step), `${name}.${step}`),
      );
    }),
  );
}

/** Tables of a spec that are made up of what several say. */
const MERGED: ReadonlySet<string> = new Set(['limits', 'env', 'labels']);

const at = (table: unknown, name: string): unknown => (table as Readonly<Record<string, unknown>> | undefined)?.[name];

/** As a field is when nothing was said of it. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** Throws `unsupported`, naming every field that the engine cannot serve. */
export function refuseUnsupported(
  spec: SandboxSpec,
  offer: EngineOffer,
  origins: Readonly<Record<string, Origin>> = {},
): void {
  const found = refusals(spec, offer).map(({ field, message }) => {
    const origin = origins[field];
    return { field, message: origin?.type === 'config' ? `${message} (${origin.key} in the configuration)` : message };
  });
  refuseFound(found, refusals({ ...spec, allowBestEffort: true }, offer).length, offer);
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
