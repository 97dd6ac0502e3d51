import { z } from 'zod';
import { configSchema } from '../model/config.ts';
import type { Json } from '../model/json.ts';
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

const DEEPEST = 8;
const LONGEST_KEY = 64;

/** JSON that a configuration could have: looked at before anything recurses into it. */
function isShallow(value: unknown, depth = 0): boolean {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth >= DEEPEST) return false;
  return Object.entries(value).every(([key, each]) => key.length <= LONGEST_KEY && isShallow(each, depth + 1));
}

const changesSchema = z.custom<Record<string, Json>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isShallow(value),
  `must be a table no deeper than ${DEEPEST}, with keys of ${LONGEST_KEY} characters at most`,
);

export const settingsContract = {
  get: call(z.strictObject({}), settingsStateSchema),
  /**
   * Changes the file as RFC 7396 (JSON Merge Patch) has it: null takes a key away. What is not named stays, comments
   * too. `conflict` while the file has a mistake.
   */
  set: call(z.strictObject({ changes: changesSchema }), settingsStateSchema),
  /** The spec that a sandbox would be made of, and where each value comes from, by its name with dots. Makes nothing. */
  explain: call(
    z.strictObject({ spec: newSandboxSpecSchema }),
    z.object({ spec: sandboxSpecSchema.partial({ name: true }), origins: z.record(z.string(), originSchema) }),
  ),
};
