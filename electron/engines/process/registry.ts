import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import { type Exit, type SandboxId, sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import { killAll, killTree, membersOf, type ProcMark, type ProcTable } from '../../lib/proc.ts';
import { createTopic } from '../../lib/topic.ts';
import { nameLimit } from './limits.ts';
import { type Exited, readExit } from './main-program.ts';
import {
  createManifestReader,
  isLive,
  type Manifest,
  type SandboxPaths,
  sandboxPaths,
  writeManifest,
} from './manifest.ts';
import { marksByName } from './marks-by-name.ts';
import { endOrphans, type ProgramRecord } from './program-records.ts';

const NO_SESSION = -1;

/**
 * The sandboxes on disk, joined with what really runs. Every answer comes from the manifests and
 * the process table; nothing is remembered, so any number of instances agree.
 */
export interface Registry {
  readonly list: () => Promise<readonly Manifest[]>;
  /** Throws `not_found`. */
  readonly load: (ref: string) => Promise<Manifest>;
  /** The manifest as it stands; null when there is none or it is damaged. */
  readonly find: (ref: string) => Promise<Manifest | null>;
  readonly paths: (ref: string) => SandboxPaths;
  readonly save: (manifest: Manifest) => Promise<Manifest>;
  /** One at a time for each sandbox. Inside, use `settle` and not `load`. */
  readonly locked: <T>(ref: string, task: () => Promise<T>) => Promise<T>;
  /** Call in the lock: the manifest, after it was put right when the main program has ended. */
  readonly settle: (ref: string, ended?: Exited) => Promise<Manifest>;
  /** Kills all that runs in the sandbox. */
  readonly kill: (manifest: Manifest) => Promise<void>;
  /** The same for a sandbox without a readable manifest; see `marksByName`. */
  readonly killNamed: (ref: string) => Promise<void>;
  /** Announces that something here may have changed. */
  readonly changes: ReturnType<typeof createTopic<void>>;
}

export function createRegistry(options: {
  readonly owner: string;
  readonly home: string;
  readonly table: ProcTable;
  readonly log: Log;
}): Registry {
  const { owner, home, table, log } = options;
  const lock = createKeyedLock();
  const changes = createTopic<void>();
  const boot = readBoot();
  const readManifest = createManifestReader(owner);
  let swept: Promise<void> | undefined;

  const paths = (ref: string) => sandboxPaths(home, parseRef(ref));
  const read = async (ref: string) => {
    const manifest = await readManifest(paths(ref));
    if (!manifest) throw notFound();
    return manifest;
  };

  const save = async (manifest: Manifest) => {
    const next = { ...manifest, boot: await boot };
    await writeManifest(paths(manifest.id), next);
    changes.publish();
    return next;
  };

  const killMarked = async (mark: ProcMark) => {
    const done = await killAll(table, mark, () => membersOf(table.scan(), mark));
    if (!done) {
      throw new AppError('internal', 'Some processes of the sandbox could not be ended.', {
        hint: 'They belong to another user, or wait for a device. End them by hand and try again.',
      });
    }
  };

  const kill = (manifest: Manifest) => killMarked(manifestMark(manifest));

  const isOver = async (manifest: Manifest) => {
    const { main } = manifest;
    if (!isLive(manifest)) return false;
    return manifest.boot !== (await boot) || (main !== null && !table.isAlive(main.pid, main.startTime));
  };

  const settle = async (ref: string, ended?: Exited): Promise<Manifest> => {
    const manifest = await read(ref);
    if (!(await isOver(manifest))) return manifest;
    // What cannot be killed must not hide that the main program is over; `stop` and `destroy` tell of it.
    await kill(manifest).catch(() => undefined);
    const { exit, at } = await howItEnded(paths(ref), manifest, ended);
    return save({ ...manifest, state: 'stopped', main: null, exit, stoppedAt: at });
  };

  /** A task that holds the lock will put the manifest right by itself: then it is told as it is. */
  const settled = async (manifest: Manifest) => {
    if (lock.isHeld(manifest.id) || !(await isOver(manifest))) return manifest;
    return lock.run(manifest.id, () => settle(manifest.id));
  };

  const readAll = async () => {
    const names = await readdir(join(home, 'sandboxes')).catch(() => []);
    const found: Manifest[] = [];
    for (const name of names) {
      if (!sandboxIdSchema.safeParse(name).success) continue;
      // One damaged manifest must not hide the others; who asks for that sandbox gets the error.
      const manifest = await readManifest(paths(name)).catch(() => null);
      if (manifest) found.push(manifest);
    }
    return found;
  };

  /**
   * Ends what dead hosts have left: programs in a sandbox that is not running (a host was killed while
   * it started them), and execs and consoles that nobody can hear any more.
   */
  const sweep = async () => {
    const scan = table.scan();
    for (const manifest of await readAll()) {
      const { number, id } = manifestMark(manifest);
      const end = async ({ mark, part }: ProgramRecord) => {
        // Another mark: from before the last start, and gone since the stop. Its session is not known.
        if (mark === number) await killTree(table, NO_SESSION, { number, id, part });
      };
      try {
        if (!isLive(manifest) && membersOf(scan, { number, id }).length > 0) await kill(manifest);
        await endOrphans(paths(id).programs, table, end);
      } catch (error) {
        // One that cannot be ended must not hide the other sandboxes; `stop` and `destroy` tell of it.
        log.warn({ sandbox: id, error }, 'what a dead host has left could not be ended');
      }
    }
  };

  return {
    async list() {
      swept ??= sweep();
      await swept;
      const settledOnes = (await readAll()).map((manifest) =>
        settled(manifest).catch((error: unknown) => {
          if (isAppError(error, 'not_found')) return null; // destroyed meanwhile
          throw error;
        }),
      );
      return (await Promise.all(settledOnes)).filter((manifest) => manifest !== null);
    },
    load: async (ref) => settled(await read(ref)),
    find: async (ref) => (sandboxIdSchema.safeParse(ref).success ? readManifest(paths(ref)).catch(() => null) : null),
    paths,
    save,
    locked: async (ref, task) => lock.run(parseRef(ref), task),
    settle,
    kill,
    async killNamed(ref) {
      const id = parseRef(ref);
      for (const number of marksByName(table.scan(), id)) await killMarked({ number, id });
    },
    changes,
  };
}

export const manifestMark = ({ mark, id }: Manifest) => ({ number: mark, id });

async function howItEnded(paths: SandboxPaths, { startedAt, spec }: Manifest, ended: Exited | undefined) {
  const written = await readExit(paths.exit);
  const unknown: Exit = { code: null, signal: null };
  const file = written && (await stat(paths.exit).catch(() => null));
  return {
    exit: nameLimit(written ?? ended ?? unknown, spec.limits),
    at: Math.max(file?.mtimeMs ?? Date.now(), startedAt ?? 0),
  };
}

function parseRef(ref: string): SandboxId {
  const parsed = sandboxIdSchema.safeParse(ref);
  if (!parsed.success) throw notFound();
  return parsed.data;
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such process sandbox.', { hint: 'It may have been destroyed.' });
}

/** Names this boot of the machine; null where the system does not tell. */
async function readBoot(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || null;
}
