import { z } from 'zod';
import './issue-words.ts';
import { engineKinds } from './kinds.ts';
import { limitsSchema } from './limits.ts';
import { requirementSchema } from './requirement.ts';

export * from './kinds.ts';

export const engineKindSchema = z.enum(engineKinds);

export const profiles = ['trusted', 'standard', 'strict'] as const;
export const profileSchema = z.enum(profiles);
export type Profile = z.infer<typeof profileSchema>;

export const networkModes = ['none', 'loopback', 'allowlist', 'full'] as const;
export type NetworkMode = (typeof networkModes)[number];

/**
 * Characters that would let one name pass for another on a screen: controls, zero-width and
 * bidirectional marks (Unicode categories Cc, Cf, Zl and Zp).
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export const nameSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(80, 'at most 80 characters')
  .refine((name) => !INVISIBLE.test(name), 'must not contain control or invisible characters')
  .refine((name) => name === name.trim(), 'must not begin or end with a space');

const noNul = (text: string) => !text.includes('\0');
/** Linux takes 2 MiB of arguments and environment together (ARG_MAX, see execve(2)). */
const MOST_CHARACTERS = 1024 * 1024;
const lengthOf = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);

const argument = z.string().max(131_072).refine(noNul, 'must not contain NUL');

export const argvSchema = z
  .array(argument)
  .min(1, 'must name a program')
  .max(1024, 'at most 1024 arguments')
  .refine((argv) => lengthOf(argv) <= MOST_CHARACTERS, 'at most 1 Mi characters in all')
  .refine((argv) => argv[0] !== '', 'must name a program');

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and _ only, not beginning with a digit')
  .max(256);
export const envSchema = z
  .record(envName, argument)
  .refine((env) => lengthOf(Object.entries(env).flat()) <= MOST_CHARACTERS, 'at most 1 Mi characters in all');

export const absolutePathSchema = z
  .string()
  .max(4096)
  .startsWith('/', 'must be an absolute path')
  .refine(noNul, 'must not contain NUL')
  .refine((path) => !path.split('/').includes('..'), 'must not contain ..');

/**
 * An image reference: `[host[:port]/]path[:tag][@digest]`, after the grammar of
 * https://github.com/distribution/reference (bounded, lower-case paths).
 */
export const imageReferenceSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(512)
  .regex(
    /^(?:[a-zA-Z0-9.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:\.|__?|-+|\/)[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/,
    'must look like name:tag or registry.example/name:tag',
  );

export const sourceSchema = z.discriminatedUnion('type', [
  /** A fresh, empty workspace. */
  z.strictObject({ type: z.literal('empty') }),
  /** A folder of the user's that serves as the workspace; it is never deleted. */
  z.strictObject({ type: z.literal('directory'), path: absolutePathSchema }),
  z.strictObject({ type: z.literal('image'), reference: imageReferenceSchema }),
  /** A WebAssembly module of this machine, of which the sandbox keeps a copy, and a fresh, empty workspace. */
  z.strictObject({ type: z.literal('module'), path: absolutePathSchema }),
]);
export type Source = z.infer<typeof sourceSchema>;

const hostName = z
  .string()
  .max(253)
  .regex(/^(?:\*\.)?[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?$/, 'must be a host name');

export const networkSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('none') }),
  z.strictObject({ mode: z.literal('loopback') }),
  z.strictObject({ mode: z.literal('allowlist'), hosts: z.array(hostName).min(1).max(256) }),
  z.strictObject({ mode: z.literal('full') }),
]);
export type Network = z.infer<typeof networkSchema>;

export const mountSchema = z.strictObject({
  /** The folder or file on this machine. */
  hostPath: absolutePathSchema,
  /** Where it shows inside the sandbox. */
  path: absolutePathSchema,
  readOnly: z.boolean().default(true),
});
export type Mount = z.infer<typeof mountSchema>;

const portNumber = z.int().min(1, 'between 1 and 65535').max(65_535, 'between 1 and 65535');

export const portSchema = z.strictObject({
  /** The port that the program inside listens on. */
  port: portNumber,
  /** The port on 127.0.0.1; chosen from the configured range when missing. */
  hostPort: portNumber.optional(),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});
export type PortRequest = z.infer<typeof portSchema>;

const paths = z.array(absolutePathSchema).max(128).default([]);

/** What of this machine's files a sandbox of the `namespace` engine sees, beside the system and its workspace. */
export const filesystemSchema = z.strictObject({
  /** Shown as they are, not to be written. */
  readOnly: paths,
  /** Shown and writable: what is written there stays. */
  readWrite: paths,
  /** Never shown, whatever shows the folder around them. Added to what is always hidden (keys, cloud credentials). */
  denied: paths,
  /** Writes to the workspace are kept apart until they are applied or thrown away. */
  overlay: z.boolean().default(false),
});
export type FilesystemPolicy = z.infer<typeof filesystemSchema>;

/** How the ids of users inside map to those of this machine, see podman-run(1) `--userns`. */
export const usernsModes = ['auto', 'keep-id', 'nomap'] as const;

/** The virtualenv of a `virtualenv` sandbox. */
export const pythonSchema = z.strictObject({
  /** A program's name (`python3.11`) or an absolute path; the best that is found when missing. */
  interpreter: z
    .string()
    .max(4096)
    .regex(/^(?:\/[^\0]+|[A-Za-z0-9._-]+)$/, 'must be a name like python3.11 or an absolute path')
    .optional(),
  systemSitePackages: z.boolean().default(false),
  /** Puts pip itself into it, which takes seconds; packages can be installed without. */
  pip: z.boolean().default(false),
  /** Installed when it is created. */
  packages: z.array(requirementSchema).max(256).default([]),
  /** Where packages come from, instead of PyPI. */
  indexUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(2048)
    .optional(),
  /** A folder with wheels; with it nothing is fetched from an index. */
  wheels: absolutePathSchema.optional(),
});
export type PythonSettings = z.infer<typeof pythonSchema>;

const label = z.string().max(1024).refine(noNul, 'must not contain NUL');
export const labelsSchema = z
  .record(z.string().min(1).max(128), label)
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels');

export const runtimeNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be the name of a runtime, like runsc');

/**
 * What a user asks for. What is missing is what the configuration gives for the engine; else `network` and `profile` are
 * those that the engine names in its capabilities, and `source` is an empty workspace where the engine has that.
 */
export const ttlSchema = z.int().min(1000, 'at least 1 s').max(Number.MAX_SAFE_INTEGER);

export const sandboxSpecInputSchema = z.strictObject({
  /** Made up when missing. */
  name: nameSchema.optional(),
  engine: engineKindSchema,
  source: sourceSchema.optional(),
  /** The main program. When missing: the image's own, or none (the sandbox just stays open). */
  command: argvSchema.optional(),
  env: envSchema.default({}),
  /** Working directory of the main program, execs and consoles; the workspace when missing. */
  workdir: absolutePathSchema.optional(),
  mounts: z.array(mountSchema).max(64).default([]),
  ports: z.array(portSchema).max(64).default([]),
  limits: limitsSchema.default({}),
  network: networkSchema.optional(),
  profile: profileSchema.optional(),
  labels: labelsSchema.default({}),
  /** What runs it inside the engine, one of those that the engine names, e.g. `runsc` (gVisor); its usual one when missing. */
  runtime: runtimeNameSchema.optional(),
  userns: z.enum(usernsModes).optional(),
  filesystem: filesystemSchema.optional(),
  python: pythonSchema.optional(),
  /** Accept limits that the engine can only try to hold. */
  allowBestEffort: z.boolean().optional(),
  /** Destroyed this long after its creation. */
  ttlMs: ttlSchema.optional(),
});
export type SandboxSpecInput = z.input<typeof sandboxSpecInputSchema>;

/** A spec with every default filled in, as it is kept with the sandbox. */
export const sandboxSpecSchema = sandboxSpecInputSchema.extend({
  name: nameSchema,
  source: sourceSchema,
  network: networkSchema,
  profile: profileSchema,
  allowBestEffort: z.boolean().default(false),
});
export type SandboxSpec = z.infer<typeof sandboxSpecSchema>;
