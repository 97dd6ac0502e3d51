import { z } from 'zod';
import { appErrorDataSchema } from './error.ts';
import { engineKindSchema, sandboxSpecSchema } from './spec.ts';
import { sandboxStates } from './states.ts';

export * from './states.ts';

/** Opaque; no part of it means anything to anyone but the host. */
export const sandboxIdSchema = z.string().regex(/^sbx_[a-z0-9]{12,32}$/, 'must be a sandbox id (sbx_…)');
export type SandboxId = z.infer<typeof sandboxIdSchema>;

export const sandboxStateSchema = z.enum(sandboxStates);

/** How the main program, an exec or a console ended. */
export const exitSchema = z.object({
  /** 0 to 255; null when a signal ended it or nobody was there to see. */
  code: z.int().nullable(),
  /** e.g. `SIGKILL`. */
  signal: z.string().nullable(),
  /** Set when a limit ended it, e.g. `memoryBytes`. */
  limit: z.string().optional(),
  /** Instructions that it burned, where the engine counts them. */
  fuelConsumed: z.number().optional(),
});
export type Exit = z.infer<typeof exitSchema>;

export const portBindingSchema = z.object({
  port: z.int(),
  hostIp: z.string(),
  hostPort: z.int(),
  protocol: z.enum(['tcp', 'udp']),
});
export type PortBinding = z.infer<typeof portBindingSchema>;

/** What the page shows of one sandbox. */
export const sandboxSchema = z.object({
  id: sandboxIdSchema,
  name: z.string(),
  engine: engineKindSchema,
  state: sandboxStateSchema,
  /** Made by somebody else: shown, inspected and entered, but never cleaned up by itself. */
  foreign: z.boolean(),
  /** What was asked for; null for a foreign one. */
  spec: sandboxSpecSchema.nullable(),
  /** The image or folder in a few words. */
  source: z.string(),
  /** Counts rebuilds. */
  generation: z.int(),
  /** Milliseconds since the epoch, like every time in the contract. */
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  stoppedAt: z.number().nullable(),
  exit: exitSchema.nullable(),
  /** Why the state is `error` or `lost`. */
  error: appErrorDataSchema.nullable(),
  ports: z.array(portBindingSchema),
  /** The workspace's folder on this machine, for showing; no call takes it back. */
  workspace: z.string().nullable(),
});
export type Sandbox = z.infer<typeof sandboxSchema>;
