import type { SourcedSpec } from './configured-spec.ts';
import { type Capability, capabilitiesFor, type EngineOffer } from './engine.ts';
import { limitNames, limitWords } from './limits.ts';
import type { SandboxSpecInput, Source } from './spec.ts';

const sourceWords: Readonly<Record<Source['type'], string>> = {
  empty: 'an empty workspace',
  directory: 'a folder',
  image: 'an image',
  module: 'a WebAssembly module',
};

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
export function refusals(spec: SourcedSpec, offer: EngineOffer): readonly Refusal[] {
  const capabilities = capabilitiesFor(offer, spec.runtime);
  if (!capabilities) return [unknownRuntime(spec, offer)];
  const runtime = offer.runtimes.find(({ name }) => name === spec.runtime);
  // The engine itself may well give what this runtime does not.
  const engine = runtime ? `the ${spec.engine} engine with ${runtime.title}` : `the ${spec.engine} engine`;
  const found: Refusal[] = [];
  const check = (field: string, what: string, capability: Capability) => {
    const note = capability.note === undefined ? '' : ` (${capability.note})`;
    if (capability.support === 'unsupported') {
      found.push({ field, message: `${engine} does not support ${what}${note}` });
    } else if (capability.support === 'best-effort' && !spec.allowBestEffort) {
      found.push({
        field,
        message: `${engine} can only try to hold ${what}${note}; accept best effort to go on`,
      });
    }
  };

  for (const name of limitNames) {
    if (spec.limits?.[name] !== undefined)
      check(`limits.${name}`, `a limit on ${limitWords[name]}`, capabilities.limits[name]);
  }
  for (const name of limitNames) {
    const { most } = capabilities.limits[name];
    if (most === undefined || (spec.limits?.[name] ?? 0) <= most) continue;
    found.push({
      field: `limits.${name}`,
      message: `this is more than ${engine} has here: ${most} ${limitWords[name]}`,
    });
  }
  if (spec.network) check('network', `the network mode ${spec.network.mode}`, capabilities.network[spec.network.mode]);
  if (spec.profile) check('profile', `the profile ${spec.profile}`, capabilities.profiles[spec.profile]);
  if (spec.ports?.length) check('ports', 'published ports', capabilities.features.ports);
  if (spec.mounts?.length) check('mounts', 'mounts', capabilities.features.mounts);
  if (spec.command) check('command', 'a main program', capabilities.features.command);
  if (spec.userns) check('userns', 'the choice of a user namespace', capabilities.features.userns);
  if (spec.filesystem) check('filesystem', 'rules for this machine’s files', capabilities.features.filesystem);
  if (spec.filesystem?.overlay) check('filesystem.overlay', 'writes kept apart', capabilities.features.overlay);
  found.push(...besideOverlay(spec));
  if (spec.python) check('python', 'Python packages', capabilities.features.python);
  if (!capabilities.sources.includes(spec.source.type)) {
    found.push({
      field: 'source',
      message: `${engine} cannot start from ${sourceWords[spec.source.type]}, only from ${capabilities.sources.map((each) => sourceWords[each]).join(' or ')}`,
    });
  }
  const network = spec.network ?? capabilities.defaults.network;
  if (spec.ports?.length && network.mode !== 'full' && network.mode !== 'allowlist') {
    found.push({ field: 'ports', message: `published ports need the network mode full; it is ${network.mode}` });
  }
  return found;
}

/** Only writes to the workspace are kept apart: nothing else that a sandbox could write to is shown then. */
function besideOverlay({ filesystem, mounts = [] }: SandboxSpecInput): readonly Refusal[] {
  if (!filesystem?.overlay) return [];
  const refusal = (field: string, what: string) => ({
    field,
    message: `writes are kept apart in the workspace only, so ${what} cannot be shown to be written; show it read-only`,
  });
  return [
    ...(filesystem.readWrite?.length ? [refusal('filesystem.readWrite', 'another folder')] : []),
    ...(mounts.some(({ readOnly = true }) => !readOnly) ? [refusal('mounts', 'a mount')] : []),
  ];
}

function unknownRuntime({ engine, runtime }: SandboxSpecInput, { runtimes }: EngineOffer): Refusal {
  const others = runtimes.map(({ name }) => name).join(', ');
  return {
    field: 'runtime',
    message: `the ${engine} engine has no runtime ${runtime} here; ${others ? `beside its usual one it has ${others}` : 'it has its usual one only'}`,
  };
}
