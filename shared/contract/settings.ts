import { z } from 'zod';
import { configSchema } from '../model/config.ts';
import { jsonSchema } from '../model/json.ts';
import { sandboxSpecSchema } from '../model/spec.ts';
import { call } from './base.ts';
import { newSandboxSpecSchema } from './sandboxes.ts';

export const settingsStateSchema = z.object({
  /** What holds, with every default filled in. */
  config: configSchema,
  /** The file that says so; it need not be there. */
  path: z.string(),
  /** The line of each key and table in the file, by its name with dots, e.g. `engines.docker.image`. */
  lines: z.record(z.string(), z.int()),
  /** Why the file does not hold. Then `config` is what held before, or the defaults. */
  problem: z.object({ line: z.int().nullable(), key: z.string().nullable(), message: z.string() }).nullable(),
});
export type SettingsState = z.infer<typeof settingsStateSchema>;

/** Where a value of a spec comes from: the request, a key of the configuration, or the engine's default. */
export const originSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('given') }),
  z.object({ type: z.literal('config'), key: z.string() }),
  z.object({ type: z.literal('default') }),
]);
export type Origin = z.infer<typeof originSchema>;

export const settingsContract = {
  get: call(z.strictObject({}), settingsStateSchema),
  /**
   * Changes the file as RFC 7396 (JSON Merge Patch) has it: null takes a key away. What is not named stays, comments
   * too. `conflict` while the file has a mistake.
   */
  set: call(z.strictObject({ changes: z.record(z.string(), jsonSchema) }), settingsStateSchema),
  /** The spec that a sandbox would be made of, and where each value comes from, by its name with dots. Makes nothing. */
  explain: call(
    z.strictObject({ spec: newSandboxSpecSchema }),
    z.object({ spec: sandboxSpecSchema.partial({ name: true }), origins: z.record(z.string(), originSchema) }),
  ),
};
