import { z } from 'zod';
import { sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import type { EngineKind, SandboxSpec } from '../../../shared/model/spec.ts';
import { sandboxSpecSchema } from '../../../shared/model/spec.ts';
import type { Log } from '../../lib/log.ts';
import type { CreateRequest, EngineObject } from '../engine.ts';

export const labels = {
  /** The Terrarium installation that made it; everybody else's containers are foreign. */
  owner: 'dev.terrarium.owner',
  id: 'dev.terrarium.id',
  generation: 'dev.terrarium.generation',
  /** The whole spec as JSON. */
  spec: 'dev.terrarium.spec',
  /** Ports that were chosen, not asked for, so that they may be chosen again: `20000-21000`. */
  portRange: 'dev.terrarium.port-range',
  /** Host ports that it will publish when it runs: `20000/tcp,20001/udp`. */
  hostPorts: 'dev.terrarium.host-ports',
  /** On networks of ours. */
  network: 'dev.terrarium.network',
  /** On containers that live for a moment to do something for a sandbox. */
  helper: 'dev.terrarium.helper',
} as const;

export function ownLabels(owner: string, request: CreateRequest, hostPorts: readonly string[]): Record<string, string> {
  return {
    ...request.spec.labels,
    [labels.owner]: owner,
    [labels.id]: request.id,
    [labels.generation]: String(request.generation),
    [labels.spec]: JSON.stringify(request.spec),
    [labels.portRange]: `${request.portRange.first}-${request.portRange.last}`,
    [labels.hostPorts]: hostPorts.join(','),
  };
}

const identity = z.object({ id: sandboxIdSchema, generation: z.coerce.number().int().min(0) });

export interface OwnedFallback {
  readonly kind: EngineKind;
  readonly name: string;
  readonly image: string;
  readonly log: Log;
}

/**
 * What labels say about whose a container is. Ours with a spec that this version cannot read (made
 * by another version, or edited) stays ours: it gets a least spec, so that it can still be seen,
 * started and destroyed. Without a readable id it cannot be joined with anything and is foreign.
 */
export function readOwned(
  found: Readonly<Record<string, string>>,
  owner: string,
  fallback: OwnedFallback,
): EngineObject['owned'] {
  if (found[labels.owner] !== owner) return null;
  const who = identity.safeParse({ id: found[labels.id], generation: found[labels.generation] });
  if (!who.success) {
    fallback.log.warn(
      { container: fallback.name },
      'a container with our owner label has no readable id; shown as foreign',
    );
    return null;
  }
  return { ...who.data, spec: readSpec(found[labels.spec]) ?? leastSpec(fallback) };
}

function readSpec(text: string | undefined): SandboxSpec | null {
  if (text === undefined) return null;
  try {
    return sandboxSpecSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function leastSpec({ kind, name, image, log }: OwnedFallback): SandboxSpec {
  log.warn({ container: name }, 'the spec in a container’s labels cannot be read');
  return {
    name: name.slice(0, 80) || 'unnamed',
    engine: kind,
    source: { type: 'image', reference: image },
    env: {},
    mounts: [],
    ports: [],
    limits: {},
    network: { mode: 'none' },
    profile: 'standard',
    labels: {},
    allowBestEffort: false,
  };
}
