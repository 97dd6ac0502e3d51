import { z } from 'zod';
import { npmRequirementSchema, requirementSchema } from '../model/requirement.ts';
import { sandboxIdSchema } from '../model/sandbox.ts';
import { call, stream } from './base.ts';

/** What looks after packages: pip in a virtualenv, npm in a workspace. */
export const packageProviders = ['pip', 'npm'] as const;
export const packageProviderSchema = z.enum(packageProviders);
export type PackageProvider = z.infer<typeof packageProviderSchema>;

export const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** One line of what it is; null when it does not say. */
  summary: z.string().nullable(),
  /** `system`: of this machine, seen by the sandbox and not to be changed from it. */
  location: z.enum(['sandbox', 'system']),
});
export type Package = z.infer<typeof packageSchema>;

export const packageListingSchema = z.object({
  provider: packageProviderSchema,
  /** By name. */
  packages: z.array(packageSchema).readonly(),
  /** What is broken or missing, and what to do about it. */
  problem: z.object({ message: z.string(), hint: z.string().nullable() }).nullable(),
  /** Whether `repair` can make it again. */
  canRepair: z.boolean(),
  /** A file of the workspace that names packages (`requirements.txt`, `package.json`); null when there is none. */
  requirementsFile: z.string().nullable(),
});
export type PackageListing = z.infer<typeof packageListingSchema>;

/** A name, and for npm its scope. */
export const packageNameSchema = z
  .string()
  .max(256)
  .regex(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must be the name of a package');

export const packageChangeItemSchema = z.discriminatedUnion('type', [
  /** A line of what the provider says. */
  z.object({ type: z.literal('progress'), message: z.string() }),
  z.object({ type: z.literal('done'), listing: packageListingSchema }),
]);
export type PackageChangeItem = z.infer<typeof packageChangeItemSchema>;

const target = { sandboxId: sandboxIdSchema, provider: packageProviderSchema };
const names = z.array(packageNameSchema).min(1).max(256);

/** Streams end with `done`; aborting one ends the work. Errors name the package in `details.package` where one is to blame. */
export const packagesContract = {
  /** One listing a provider that may work on this sandbox; empty when there is none. */
  list: call(z.strictObject({ sandboxId: sandboxIdSchema }), z.array(packageListingSchema).readonly()),
  install: stream(
    z.strictObject({
      ...target,
      requirements: z
        .array(z.union([requirementSchema, npmRequirementSchema]))
        .max(256)
        .default([]),
      /** Also what the workspace's requirements file names. */
      fromFile: z.boolean().default(false),
    }),
    packageChangeItemSchema,
  ),
  /** To the newest version. */
  upgrade: stream(z.strictObject({ ...target, names }), packageChangeItemSchema),
  uninstall: stream(z.strictObject({ ...target, names }), packageChangeItemSchema),
  /** What is installed, as the provider's requirements file would say it. */
  freeze: call(z.strictObject(target), z.object({ text: z.string() })),
  /** All versions that can be installed, the newest first. */
  versions: call(
    z.strictObject({ ...target, name: packageNameSchema }),
    z.object({ versions: z.array(z.string()).readonly() }),
  ),
  /** Makes broken ground whole again and keeps the list of packages. */
  repair: stream(z.strictObject(target), packageChangeItemSchema),
};
