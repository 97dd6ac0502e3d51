import { z } from 'zod';
import { readHandwritten } from './handwritten.ts';
import { limitsSchema } from './limits.ts';
import { imageReferenceSchema, networkSchema, profileSchema, runtimeNameSchema } from './spec.ts';

const port = z.int('must be a whole number').min(1024, 'at least 1024').max(65_535, 'at most 65535');

export const portRangeSchema = z
  .strictObject({
    first: port.default(20_000).describe('The first port that may be chosen'),
    last: port.default(21_000).describe('The last one'),
  })
  .refine((range) => range.first <= range.last, { message: 'must not be below first', path: ['last'] });
export type PortRange = z.infer<typeof portRangeSchema>;

const engineDefaults = z.strictObject({
  runtime: runtimeNameSchema.optional().describe('What runs it inside the engine, e.g. runsc'),
  profile: profileSchema.optional().describe('How locked down it is'),
  network: networkSchema.optional().describe('What it reaches'),
  limits: z
    .preprocess(readHandwritten, limitsSchema)
    .optional()
    .describe('What it may use; each is for specs that do not name it'),
  allowBestEffort: z.boolean().optional().describe('Accept limits that the engine can only try to hold'),
});

const imageEngineDefaults = engineDefaults.extend({
  image: imageReferenceSchema.optional().describe('What it is made from where no source is named'),
});

const engineDefaultsSchema = z.preprocess(readHandwritten, engineDefaults);
const imageEngineDefaultsSchema = z.preprocess(readHandwritten, imageEngineDefaults);

/** What a spec that does not say otherwise gets, on one engine. */
export type EngineDefaults = z.infer<typeof imageEngineDefaults>;
/** As it is told to pages and programs. */
export const configuredSchema: z.ZodType<EngineDefaults> = imageEngineDefaults;

const count = z.int('must be a whole number');

/** The configuration file with every default filled in. Units are in the names. */
export const configSchema = z.strictObject({
  ports: portRangeSchema.prefault({}).describe('Where published ports on 127.0.0.1 are chosen from'),
  machine: z
    .preprocess(
      readHandwritten,
      z.strictObject({
        sandboxes: count
          .min(1, 'at least 1')
          .max(100_000, 'at most 100000')
          .optional()
          .describe('How many sandboxes there may be at once'),
        memoryBytes: count
          .min(6 * 1024 * 1024, 'at least 6 MiB')
          .max(Number.MAX_SAFE_INTEGER)
          .optional()
          .describe('What the memory limits of all running sandboxes may add up to; each then needs one'),
      }),
    )
    .prefault({})
    .describe('Limits of all sandboxes together'),
  retention: z
    .preprocess(
      readHandwritten,
      z.strictObject({
        events: count
          .min(100, 'at least 100')
          .max(1_000_000, 'at most 1000000')
          .default(50_000)
          .describe('Events that are remembered'),
        executions: count
          .min(1, 'at least 1')
          .max(100_000, 'at most 100000')
          .default(500)
          .describe('Commands that are remembered of each sandbox'),
        invocations: count
          .min(1, 'at least 1')
          .max(1_000_000, 'at most 1000000')
          .default(10_000)
          .describe('Invocations that are remembered of each function'),
        stoppedMs: count
          .min(60_000, 'at least 1 min')
          .max(Number.MAX_SAFE_INTEGER)
          .optional()
          .describe(
            'Sandboxes that have been stopped for so long are destroyed with their workspaces, those that are stopped already too',
          ),
      }),
    )
    .prefault({})
    .describe('How long things are kept'),
  engines: z
    .strictObject({
      process: engineDefaultsSchema.optional(),
      virtualenv: engineDefaultsSchema.optional(),
      namespace: engineDefaultsSchema.optional(),
      wasm: engineDefaultsSchema.optional(),
      docker: imageEngineDefaultsSchema.optional(),
      podman: imageEngineDefaultsSchema.optional(),
    })
    .prefault({})
    .describe('What specs get that do not say otherwise, by engine'),
});
export type Config = z.infer<typeof configSchema>;

export const defaultConfig: Config = configSchema.parse({});
