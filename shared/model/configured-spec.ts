// Without zod, so that the page's first load does without it as well.
import type { EngineDefaults } from './config.ts';
import type { EngineOffer } from './engine.ts';
import type { SandboxSpecInput, Source } from './spec.ts';

/** A spec that says where it starts from. */
export type SourcedSpec = SandboxSpecInput & { readonly source: Source };

/**
 * The spec with what the configuration gives for its engine wherever the spec itself says nothing. Limits are taken one
 * by one. Without a source it starts from the configured image, or from an empty workspace.
 */
export function withConfigured<T extends SandboxSpecInput>(spec: T, { configured = {} }: EngineOffer): T & SourcedSpec {
  const { image, limits, ...others } = configured;
  return {
    ...others,
    ...withoutMissing(spec),
    source: spec.source ?? sourceOf(configured),
    limits: { ...limits, ...spec.limits },
  };
}

const sourceOf = ({ image }: EngineDefaults): Source =>
  image === undefined ? { type: 'empty' } : { type: 'image', reference: image };

/** Keys that are there with `undefined` would hide what is configured. */
function withoutMissing<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
