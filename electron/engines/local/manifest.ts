import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/model/error.ts';
import { exitSchema, portBindingSchema, type SandboxId, sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { type EngineKind, sandboxSpecSchema } from '../../../shared/model/spec.ts';
import { writeFileAtomic } from '../../lib/atomic-file.ts';
import type { EngineObject } from '../engine.ts';

/** The kinds of sandboxes that are kept as this folder does it: each with files of its own, but of one set of marks. */
export const localKinds = ['process', 'virtualenv', 'namespace', 'wasm'] as const satisfies readonly EngineKind[];
export type LocalKind = (typeof localKinds)[number];

/** All that is known of one sandbox, kept in its folder so that any later host can take it over. */
export const manifestSchema = z.object({
  version: z.literal(1),
  /** The installation of Terrarium that it belongs to. */
  owner: z.string(),
  id: sandboxIdSchema,
  generation: z.int(),
  spec: sandboxSpecSchema,
  workspace: z.string(),
  /** See `createLinuxProcTable`. */
  mark: z.int(),
  state: z.enum(['ready', 'running', 'paused', 'stopped']),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  stoppedAt: z.number().nullable(),
  exit: exitSchema.nullable(),
  /** The wrapper of the main program or of the holder; null when the sandbox just stays open. */
  main: z.object({ pid: z.int(), startTime: z.number() }).nullable(),
  /** Chosen at creation, for good. */
  ports: z.array(portBindingSchema).default([]),
  /** The machine's boot in which it was started: nothing survives the next one. */
  boot: z.string().nullable(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export interface SandboxPaths {
  readonly directory: string;
  readonly manifest: string;
  /** The same again, for when the manifest is damaged or lost. */
  readonly manifestCopy: string;
  /** Of source `empty`. */
  readonly workspace: string;
  readonly temporary: string;
  readonly logs: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Written by the main program's wrapper, so that the exit code outlives a dead host. */
  readonly exit: string;
  /** See `recordProgram`. */
  readonly programs: string;
}

const manifestName = (kind: LocalKind) => `${kind}.json`;
const copyName = (kind: LocalKind) => `${kind}.copy.json`;

/** Of which kinds there is a manifest, or its copy, among the files of a sandbox's folder. */
export function kindsIn(names: readonly string[]): readonly LocalKind[] {
  return localKinds.filter((kind) => names.includes(manifestName(kind)) || names.includes(copyName(kind)));
}

export function sandboxPaths(home: string, kind: LocalKind, id: SandboxId): SandboxPaths {
  const directory = join(home, 'sandboxes', id);
  const logs = join(directory, 'logs');
  return {
    directory,
    manifest: join(directory, manifestName(kind)),
    manifestCopy: join(directory, copyName(kind)),
    workspace: join(directory, 'workspace'),
    temporary: join(directory, 'tmp'),
    logs,
    stdout: join(logs, 'stdout.log'),
    stderr: join(logs, 'stderr.log'),
    exit: join(directory, 'exit'),
    programs: join(directory, 'programs'),
  };
}

export interface ManifestReader {
  /** Null when there is none, or it is somebody else's. Throws when it is damaged, and its copy as well. */
  readonly read: (paths: SandboxPaths) => Promise<Manifest | null>;
  /** Forgets all others, which are gone. */
  readonly keepOnly: (manifests: ReadonlySet<string>) => void;
}

/** Parses a file again only when it was replaced: the list is asked for every second. `null`: of whatever owner. */
export function createManifestReader(owner: string | null): ManifestReader {
  const isOurs = (manifest: Manifest) => owner === null || manifest.owner === owner;
  const cache = new Map<string, { readonly version: string; readonly manifest: Manifest }>();
  const read: ManifestReader['read'] = async ({ manifest: path, manifestCopy }) => {
    const found = await stat(path, { bigint: true }).catch(() => null); // then it is read, which tells why it cannot be
    const version = found ? `${found.ino} ${found.mtimeNs} ${found.size}` : '';
    const cached = cache.get(path);
    if (found && cached?.version === version) return cached.manifest;
    cache.delete(path);
    let manifest: Manifest | null;
    try {
      manifest = await readManifest(path);
      if (manifest && found && isOurs(manifest)) cache.set(path, { version, manifest });
      manifest ??= await readManifest(manifestCopy);
    } catch (damage) {
      manifest = await readManifest(manifestCopy).catch(() => null); // what is told is the damage of the first
      if (!manifest) throw damage;
    }
    return manifest && isOurs(manifest) ? manifest : null;
  };
  return {
    read,
    keepOnly(manifests) {
      for (const path of cache.keys()) if (!manifests.has(path)) cache.delete(path);
    },
  };
}

async function readManifest(path: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new AppError('internal', `The sandbox's file ${path} cannot be read.`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new AppError('internal', `The sandbox's file ${path} is damaged.`, {
      hint: 'Destroy the sandbox, or put the file right.',
      cause: parsed.error,
    });
  }
  return parsed.data;
}

export async function writeManifest({ manifest: path, manifestCopy }: SandboxPaths, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  // Side by side, as each waits for the disk: after a crash each of them is whole, the old one or the new one.
  await Promise.all([writeFileAtomic(path, text), writeFileAtomic(manifestCopy, text)]);
}

/** Whether programs may run in it. */
export const isLive = ({ state }: Manifest): boolean => state === 'running' || state === 'paused';

export function toObject(manifest: Manifest): EngineObject {
  const { id, generation, spec, state, createdAt, startedAt, stoppedAt, exit, workspace } = manifest;
  return {
    ref: id,
    owned: { id, generation, spec },
    name: spec.name,
    source: sourceOf(spec),
    state,
    createdAt,
    startedAt,
    stoppedAt,
    exit,
    ports: isLive(manifest) ? manifest.ports : [],
    workspace,
  };
}

function sourceOf({ source }: Manifest['spec']): string {
  return source.type === 'directory' || source.type === 'module' ? source.path : 'empty workspace';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says that it is damaged
  }
}
