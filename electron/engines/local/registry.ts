import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, isAppError } from '../../../shared/model/error.ts';
import type { LimitName } from '../../../shared/model/limits.ts';
import { type Exit, type PortBinding, type SandboxId, sandboxIdSchema } from '../../../shared/model/sandbox.ts';
import { ifThere } from '../../lib/if-there.ts';
import { createKeyedLock } from '../../lib/keyed-lock.ts';
import type { Log } from '../../lib/log.ts';
import { killAll, killTree, membersOf, type ProcMark, type ProcTable } from '../../lib/proc.ts';
import { createTopic } from '../../lib/topic.ts';
import type { Launcher, LocalSandbox, ProgramRole, SandboxPlace } from './launcher.ts';
import { nameLimit } from './limits.ts';
import { type Exited, readExit } from './main-program.ts';
import {
  createManifestReader,
  isLive,
  kindsIn,
  type LocalKind,
  type Manifest,
  type SandboxPaths,
  sandboxPaths,
  writeManifest,
} from './manifest.ts';
import { marksByName } from './marks-by-name.ts';
import { endOrphans, type ProgramRecord, servesLivingHost } from './program-records.ts';

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
  readonly place: (ref: string) => SandboxPlace;
  readonly sandbox: (manifest: Manifest) => LocalSandbox;
  /** How often limits of a live sandbox were hit; empty where nothing counts that. */
  readonly strikes: (manifest: Manifest) => Promise<Readonly<Partial<Record<LimitName, number>>>>;
  /** What an exit means, in the launcher's words. */
  readonly explainExit: (manifest: Manifest, exit: Exit, role: ProgramRole, part: number) => Promise<Exit>;
  /** Marks that sandboxes of any local kind have on record. */
  readonly marks: () => Promise<ReadonlySet<number>>;
  /** Ports of this machine that sandboxes of any local kind have, running or not. */
  readonly ports: () => Promise<readonly PortBinding[]>;
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
  readonly kind: LocalKind;
  readonly home: string;
  readonly launcher: Launcher;
  readonly table: ProcTable;
  readonly log: Log;
}): Registry {
  const { owner, kind, home, launcher, table, log } = options;
  const lock = createKeyedLock();
  const changes = createTopic<void>();
  const boot = readBoot();
  const ours = createManifestReader(owner);
  const anybodys = createManifestReader(null);
  let swept: Promise<void> | undefined;

  const notFound = () =>
    new AppError('not_found', `There is no such ${kind} sandbox.`, { hint: 'It may have been destroyed.' });
  const parseRef = (ref: string): SandboxId => {
    const parsed = sandboxIdSchema.safeParse(ref);
    if (!parsed.success) throw notFound();
    return parsed.data;
  };
  const paths = (ref: string) => sandboxPaths(home, kind, parseRef(ref));
  const place = (ref: string): SandboxPlace => ({ id: parseRef(ref), paths: paths(ref) });
  const sandbox = (manifest: Manifest): LocalSandbox => ({ ...place(manifest.id), manifest });
  const read = async (ref: string) => {
    const manifest = await ours.read(paths(ref));
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

  /** Whether the sandbox was started again meanwhile, which only another instance can have done. */
  const isSuperseded = async ({ id, mark }: Manifest) => {
    // A damaged one tells of no other start.
    const now = await ours.read(paths(id)).catch(() => null);
    return now !== null && now.mark !== mark;
  };

  const kill = async (manifest: Manifest) => {
    // What is frozen by other means than a signal does not even die.
    if (!(await isSuperseded(manifest))) await launcher.resume?.(place(manifest.id));
    await killMarked(manifestMark(manifest));
    // What a start has made is of the newest one. A start within this very moment is not seen: one host has a folder.
    if (!(await isSuperseded(manifest))) await launcher.ended?.(place(manifest.id));
  };

  const explainExit = async (manifest: Manifest, exit: Exit, role: ProgramRole, part: number): Promise<Exit> =>
    launcher.explainExit
      ? launcher.explainExit(sandbox(manifest), exit, role, part)
      : nameLimit(exit, manifest.spec.limits);

  const howItEnded = async (manifest: Manifest, ended: Exited | undefined) => {
    const { exit: path } = paths(manifest.id);
    const written = await readExit(path);
    const unknown: Exit = { code: null, signal: null };
    const explained = (exit: Exited) => explainExit(manifest, exit, role, 0);
    const file = written && (await ifThere(stat(path)));
    const role = manifest.spec.command ? 'main' : 'holder';
    return {
      // How a holder ended is nobody's business, but for the limit that it ended at.
      exit:
        role === 'holder'
          ? { ...(await explained(written ?? ended ?? unknown)), ...unknown }
          : await explained(written ?? ended ?? unknown),
      at: Math.max(file?.mtimeMs ?? Date.now(), manifest.startedAt ?? 0),
    };
  };

  const isOver = async (manifest: Manifest) => {
    const { main } = manifest;
    if (!isLive(manifest)) return false;
    return manifest.boot !== (await boot) || (main !== null && !table.isAlive(main.pid, main.startTime));
  };

  const settle = async (ref: string, ended?: Exited): Promise<Manifest> => {
    const manifest = await read(ref);
    if (!(await isOver(manifest))) return manifest;
    const { exit, at } = await howItEnded(manifest, ended);
    // What cannot be killed must not hide that the main program is over; `stop` and `destroy` tell of it.
    await kill(manifest).catch(() => undefined);
    // Another instance may have ended it because it destroys it: a manifest must not come back then.
    const now = await read(ref);
    // Or have started it again.
    if (now.mark !== manifest.mark) return now;
    // Or have put it right meanwhile: the first of them knew of the limit, as what counts is gone with the sandbox.
    if (!isLive(now) && exit.limit === undefined) return now;
    return save({ ...manifest, state: 'stopped', main: null, exit, stoppedAt: at });
  };

  /** A task that holds the lock will put the manifest right by itself: then it is told as it is. */
  const settled = async (manifest: Manifest) => {
    if (lock.isHeld(manifest.id) || !(await isOver(manifest))) return manifest;
    return lock.run(manifest.id, () => settle(manifest.id));
  };

  const ids = async () => {
    const names = (await ifThere(readdir(join(home, 'sandboxes')))) ?? [];
    return names.flatMap((name) => sandboxIdSchema.safeParse(name).data ?? []);
  };

  const readAll = async () => {
    const found: Manifest[] = [];
    const all = (await ids()).map(paths);
    for (const each of all) {
      // One damaged manifest must not hide the others; who asks for that sandbox gets the error.
      const manifest = await ours.read(each).catch(() => null);
      if (manifest) found.push(manifest);
    }
    ours.keepOnly(new Set(all.map(({ manifest }) => manifest)));
    return found;
  };

  /** Of all kinds and owners. */
  const readEverything = async () => {
    const found: Manifest[] = [];
    const paths = new Set<string>();
    const read = async (id: SandboxId) => {
      const names = await ifThere(readdir(join(home, 'sandboxes', id)));
      for (const each of kindsIn(names ?? [])) {
        const place = sandboxPaths(home, each, id);
        paths.add(place.manifest);
        // A damaged one tells nothing; what carries its mark is found by the sandbox's name.
        const manifest = await anybodys.read(place).catch(() => null);
        if (manifest) found.push(manifest);
      }
    };
    await Promise.all((await ids()).map(read));
    anybodys.keepOnly(paths);
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
        // A start's: it has come to its end before its host did.
        if (mark !== number || (part === 0 && isLive(manifest))) return;
        if (isLive(manifest)) await launcher.endProgram?.(place(id), part);
        await killTree(table, NO_SESSION, { number, id, part });
      };
      // What this host is just starting runs before its manifest says so.
      if (lock.isHeld(id)) continue;
      try {
        const isLeft = !isLive(manifest) && membersOf(scan, { number, id }).length > 0;
        // Looked at once more: another host's start may have ended meanwhile.
        const isOrphaned = isLeft && !(await servesLivingHost(paths(id).programs, table)) && !isLive(await read(id));
        if (isOrphaned) await kill(manifest);
        await endOrphans(paths(id).programs, table, end);
      } catch (error) {
        // One that cannot be ended must not hide the other sandboxes; `stop` and `destroy` tell of it.
        log.warn({ sandbox: id, error }, 'what a dead host has left could not be ended');
      }
    }
  };

  return {
    async list() {
      // One that failed is tried again by the next who asks.
      swept ??= sweep().catch((error: unknown) => {
        swept = undefined;
        throw error;
      });
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
    // Also null for a damaged one: who loads that sandbox gets the error.
    find: async (ref) => (sandboxIdSchema.safeParse(ref).success ? ours.read(paths(ref)).catch(() => null) : null),
    paths,
    place,
    sandbox,
    strikes: async (manifest) => (isLive(manifest) && (await launcher.strikes?.(sandbox(manifest)))) || {},
    explainExit,
    // What one kind took as a leftover by its mark could else be another's living sandbox.
    marks: async () => new Set((await readEverything()).map(({ mark }) => mark)),
    ports: async () => (await readEverything()).flatMap(({ ports }) => ports),
    save,
    locked: async (ref, task) => lock.run(parseRef(ref), task),
    settle,
    kill,
    async killNamed(ref) {
      const id = parseRef(ref);
      await launcher.resume?.(place(id));
      for (const number of marksByName(table.scan(), id)) await killMarked({ number, id });
      await launcher.ended?.(place(id));
    },
    changes,
  };
}

export const manifestMark = ({ mark, id }: Manifest) => ({ number: mark, id });

/** Names this boot of the machine; null where the system does not tell. */
async function readBoot(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || null;
}
