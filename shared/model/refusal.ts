import type { Capabilities, Capability } from './engine.ts';
import { limitNames } from './limits.ts';
import type { SandboxSpecInput } from './spec.ts';

/** One thing that a spec asks for and the engine does not give. */
export interface Refusal {
  /** Where in the spec it was asked for, e.g. `limits.memoryBytes`. */
  readonly field: string;
  readonly message: string;
}

/**
 * What an engine must refuse of a spec, before anything is made. The page calls it while the user
 * types, the host before it acts: one rule, two places.
 */
export function refusals(spec: SandboxSpecInput, capabilities: Capabilities): readonly Refusal[] {
  const found: Refusal[] = [];
  const check = (field: string, what: string, capability: Capability) => {
    const note = capability.note === undefined ? '' : ` (${capability.note})`;
    if (capability.support === 'unsupported') {
      found.push({ field, message: `${spec.engine} does not support ${what}${note}` });
    } else if (capability.support === 'best-effort' && !spec.allowBestEffort) {
      found.push({ field, message: `${spec.engine} can only try to hold ${what}${note}; allow best effort to go on` });
    }
  };

  for (const name of limitNames) {
    if (spec.limits?.[name] !== undefined) check(`limits.${name}`, `the limit ${name}`, capabilities.limits[name]);
  }
  if (spec.network) check('network', `network ${spec.network.mode}`, capabilities.network[spec.network.mode]);
  if (spec.profile) check('profile', `the profile ${spec.profile}`, capabilities.profiles[spec.profile]);
  if (spec.ports?.length) check('ports', 'published ports', capabilities.features.ports);
  if (spec.mounts?.length) check('mounts', 'mounts', capabilities.features.mounts);
  if (spec.command) check('command', 'a main program', capabilities.features.command);
  if (!capabilities.sources.includes(spec.source.type)) {
    found.push({ field: 'source', message: `${spec.engine} cannot start from: ${spec.source.type}` });
  }
  const network = spec.network ?? capabilities.defaults.network;
  if (spec.ports?.length && network.mode !== 'full' && network.mode !== 'allowlist') {
    found.push({ field: 'ports', message: `published ports need the network mode full; it is ${network.mode}` });
  }
  return found;
}
