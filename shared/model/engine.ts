import { z } from 'zod';
import { configuredSchema } from './config.ts';
import { type LimitName, limitNames } from './limits.ts';
import { engineKindSchema, networkModes, networkSchema, profileSchema, profiles, type sourceSchema } from './spec.ts';

export const supports = ['enforced', 'best-effort', 'unsupported'] as const;

export const capabilitySchema = z.object({
  support: z.enum(supports),
  /** Why it is so, or what "best effort" means here. */
  note: z.string().optional(),
  /** Of a limit: the largest that this machine has, in the limit's own unit. */
  most: z.number().optional(),
});
export type Capability = z.infer<typeof capabilitySchema>;

export const features = [
  'exec',
  /** Signals to a command inside that runs without a terminal. */
  'execSignals',
  'console',
  'pause',
  'logs',
  /** When each line of the log was written, so that it can be read from a time on. */
  'logTimes',
  'ports',
  'mounts',
  'images',
  'updateLimits',
  'command',
  /** The choice of a user namespace, `spec.userns`. */
  'userns',
  /** Rules for this machine's files, `spec.filesystem`. */
  'filesystem',
  /** Writes kept apart, `spec.filesystem.overlay`. */
  'overlay',
  /** A virtualenv, `spec.python`. */
  'python',
  /** Listing, installing and removing packages. */
  'packages',
  /** Saving a running sandbox with its memory, and going on from there. */
  'snapshots',
  /** Reading and writing files from outside. */
  'files',
] as const;
export type Feature = (typeof features)[number];

function recordOf<const K extends string>(keys: readonly K[]) {
  return z.record(z.enum(keys as unknown as readonly [K, ...K[]]), capabilitySchema);
}

/** What an engine can do on this machine, found by probing. */
export const capabilitiesSchema = z.object({
  /** How strongly a sandbox is kept apart from this machine. */
  isolation: z.enum(['none', 'namespaces', 'container', 'kernel', 'wasm', 'vm']),
  limits: recordOf<LimitName>(limitNames),
  network: recordOf(networkModes),
  profiles: recordOf(profiles),
  features: recordOf(features),
  sources: z.array(z.enum(['empty', 'directory', 'image', 'module'] satisfies z.infer<typeof sourceSchema>['type'][])),
  defaults: z.object({ network: networkSchema, profile: profileSchema }),
});
export type Capabilities = z.infer<typeof capabilitiesSchema>;

/** Another way in which the same engine can run a sandbox, with other strengths. */
export const runtimeSchema = z.object({
  /** What a spec's `runtime` says, e.g. `runsc`. */
  name: z.string(),
  /** e.g. `gVisor`. */
  title: z.string(),
  /** What is won and what it costs, in a sentence. */
  tradeOff: z.string(),
  capabilities: capabilitiesSchema,
});
export type Runtime = z.infer<typeof runtimeSchema>;

export const engineStatuses = ['available', 'missing', 'unreachable', 'unknown'] as const;

/** What the page shows of one engine. */
export const engineReportSchema = z.object({
  kind: engineKindSchema,
  /** `missing`: not installed; `unreachable`: installed, but it does not answer. */
  status: z.enum(engineStatuses),
  /** e.g. `20.10.24`. */
  version: z.string().nullable(),
  /** Why it is not available, and what to do about it. */
  reason: z.string().nullable(),
  hint: z.string().nullable(),
  capabilities: capabilitiesSchema,
  /** Those that work here beside the usual one. */
  runtimes: z.array(runtimeSchema).readonly(),
  /** A few facts worth showing, e.g. `{ socket: 'unix:///var/run/docker.sock' }`. */
  facts: z.record(z.string(), z.string()),
  /** What the user's configuration gives to specs that do not say otherwise. */
  configured: configuredSchema.optional(),
});
export type EngineReport = z.infer<typeof engineReportSchema>;

/** What of a report decides what a spec may ask for. */
export type EngineOffer = Pick<EngineReport, 'capabilities' | 'runtimes' | 'configured'>;

export { capabilitiesFor } from './capabilities-for.ts';
