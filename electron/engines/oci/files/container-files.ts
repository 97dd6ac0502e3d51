import { posix } from 'node:path';
import type Dockerode from 'dockerode';
import { AppError, isAppError } from '../../../../shared/model/error.ts';
import type { TreeRoot } from '../../../lib/files/place.ts';
import { createTree, type Tree } from '../../../lib/files/tree.ts';
import type { EngineRef, FileStore } from '../../engine.ts';
import type { OciClient } from '../client.ts';
import { runExec } from '../exec.ts';
import { createMarker } from '../exec-kill.ts';
import { type ArchiveSource, readFileAt } from './archive.ts';
import { createArchiveTree } from './archive-tree.ts';
import type { RunInside } from './commands.ts';

interface Container {
  readonly client: OciClient;
  readonly info: Dockerode.ContainerInspectInfo;
  /** It is ours: what it mounts was chosen here. */
  readonly isOurs: boolean;
  /** Its files outside of its mounts are in the memory of a kernel of its own. */
  readonly ownKernel: boolean;
}

/** The kernel's own, and what is in memory: the engine's archives show what lies below it. */
const NOT_FILES = ['/proc', '/sys', '/dev'];

/**
 * Files of containers. Mounts of this machine's folders, and so the workspace, are read and written where they lie: at once,
 * in any state, whatever the image has in it. All else goes through the engine, as does what this user may not do there.
 */
export function createContainerFiles(options: {
  readonly owner: string;
  readonly find: (ref: EngineRef) => Promise<Container>;
}): FileStore {
  const { owner, find } = options;

  const open = async (ref: EngineRef): Promise<Opened> => {
    const container = await find(ref);
    const { client, info } = container;
    const workdir = info.Config.WorkingDir || '/';
    const roots = rootsOf(container);
    const run = info.State.Running && !info.State.Paused ? runInside(client, ref, owner) : null;
    const opened: Omit<Opened, 'inside'> = {
      workdir,
      roots,
      mounted: createTree(roots, workdir),
      inMemory: [...NOT_FILES, ...Object.keys(info.HostConfig.Tmpfs ?? {})],
      ownKernel: container.ownKernel,
    };
    const source = { client, ref, allow: (path: string) => requireArchive(opened, path) };
    return {
      ...opened,
      inside: () => createArchiveTree({ ...source, run, user: () => userOf(info.Config.User, source) }),
    };
  };

  const use = async <T>(
    ref: EngineRef,
    path: string,
    work: (tree: Tree, path: string) => Promise<T>,
    { begun = (): boolean => false, mayTry = isNotPermitted } = {},
  ): Promise<T> => {
    const opened = await open(ref);
    const absolute = absoluteOf(opened, path);
    if (isMounted(opened, absolute)) {
      try {
        return await work(opened.mounted, path);
      } catch (error) {
        if (begun() || !mayTry(opened, error)) throw error;
      }
    }
    requireArchive(opened, absolute);
    return await work(opened.inside(), absolute);
  };
  async function* stream<T>(
    ref: EngineRef,
    path: string,
    work: (tree: Tree, path: string) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const opened = await open(ref);
    const absolute = absoluteOf(opened, path);
    if (isMounted(opened, absolute)) {
      let begun = false;
      try {
        for await (const each of work(opened.mounted, path)) {
          begun = true;
          yield each;
        }
        return;
      } catch (error) {
        if (begun || !isElsewhere(opened, error)) throw error;
      }
    }
    requireArchive(opened, absolute);
    yield* work(opened.inside(), absolute);
  }

  return {
    stat: (ref, path) => use(ref, path, (tree, at) => tree.stat(at), { mayTry: isElsewhere }),
    list: (ref, path, signal) => stream(ref, path, (tree, at) => tree.list(at, signal)),
    read: (ref, path, readOptions) => stream(ref, path, (tree, at) => tree.read(at, readOptions)),
    async write(ref, path, bytes, writeOptions) {
      const given = once(bytes);
      await use(ref, path, (tree, at) => tree.write(at, given.bytes(), writeOptions), { begun: given.begun });
    },
    makeFolder: (ref, path) => use(ref, path, (tree, at) => tree.makeFolder(at)),
    remove: (ref, path, removeOptions) => use(ref, path, (tree, at) => tree.remove(at, removeOptions)),
    async rename(ref, from, to) {
      const opened = await open(ref);
      const target = absoluteOf(opened, to);
      const areMounted = isMounted(opened, absoluteOf(opened, from)) && isMounted(opened, target);
      if (areMounted) return opened.mounted.rename(from, to);
      for (const path of [absoluteOf(opened, from), target]) requireArchive(opened, path);
      await opened.inside().rename(absoluteOf(opened, from), target);
    },
    readTree: (ref, path, signal) => stream(ref, path, (tree, at) => tree.readTree(at, signal)),
    async writeTree(ref, path, tar, signal) {
      const given = once(tar);
      await use(ref, path, (tree, at) => tree.writeTree(at, given.bytes(), signal), { begun: given.begun });
    },
  };
}

interface Opened {
  readonly workdir: string;
  readonly roots: readonly TreeRoot[];
  readonly mounted: Tree;
  readonly inMemory: readonly string[];
  readonly ownKernel: boolean;
  readonly inside: () => Tree;
}

function rootsOf({ client, info, isOurs }: Container): readonly TreeRoot[] {
  if (!client.local || !isOurs || process.platform !== 'linux') return [];
  return info.Mounts.filter(({ Type }) => Type === 'bind').map(({ Source, Destination, RW }) => ({
    path: Destination,
    host: Source,
    readOnly: !RW,
  }));
}

const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const isMounted = ({ roots }: Opened, path: string) => roots.some((root) => isBelow(posix.resolve(path), root.path));

/** What follows the last step means something: `folder/.` is what is in it. */
function absoluteOf({ workdir }: Opened, path: string): string {
  const absolute = posix.resolve(workdir, path);
  return path === '.' || path.endsWith('/.') ? `${absolute === '/' ? '' : absolute}/.` : absolute;
}

/** This machine's user may not do it: the engine may be able to. */
const isNotPermitted = ({ ownKernel }: Opened, error: unknown) =>
  !ownKernel && isAppError(error, 'denied') && error.cause instanceof Error;
/** Or a link leads out of the mounts. It is followed to be read; nothing is written through it. */
const isElsewhere = ({ ownKernel }: Opened, error: unknown) => !ownKernel && isAppError(error, 'denied');

function requireArchive({ inMemory, ownKernel, roots }: Omit<Opened, 'inside'>, path: string): void {
  const place = posix.resolve(path);
  const hint = 'Run a command in it instead, e.g. cat.';
  const memory = inMemory.find((each) => isBelow(place, each));
  if (memory !== undefined) {
    throw new AppError('unsupported', `${memory} is in the sandbox’s memory, which cannot be reached from outside.`, {
      hint,
    });
  }
  if (!ownKernel) return;
  const mounted = roots.map((root) => root.path).join(', ');
  throw new AppError(
    'unsupported',
    `Of a sandbox with a kernel of its own, only ${mounted} can be reached from outside.`,
    { hint },
  );
}

/** Bytes come once: who has begun to take them is the only one who may. */
function once<T>(bytes: AsyncIterable<T>) {
  const iterator = bytes[Symbol.asyncIterator]();
  let begun = false;
  return {
    begun: () => begun,
    bytes: (): AsyncIterable<T> => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          begun = true;
          return iterator.next();
        },
        async return() {
          // One that did not even begin leaves them to the next.
          if (begun) await iterator.return?.();
          return { done: true, value: undefined };
        },
      }),
    }),
  };
}

const runInside =
  (client: OciClient, ref: string, owner: string): RunInside =>
  async (argv, { signal, onOutput }) => {
    let stderr = '';
    const exit = await runExec(
      client,
      ref,
      createMarker(owner),
      { argv, env: { LC_ALL: 'C' } },
      {
        signal,
        onOutput(stream, chunk) {
          if (stream === 'stdout') return onOutput?.(chunk);
          stderr = (stderr + Buffer.from(chunk).toString()).slice(0, 4096);
          return undefined;
        },
      },
    );
    return { exit, stderr };
  };

const MOST_PASSWD = 1024 * 1024;

/** By number. A name is looked up in the container: whatever it says of itself concerns nobody else. */
async function userOf(user: string, source: ArchiveSource): Promise<{ readonly uid: number; readonly gid: number }> {
  const [name = '', group = ''] = user.split(':');
  if (name === '') return { uid: 0, gid: 0 };
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: /^\d+$/.test(group) ? Number(group) : 0 };
  const pieces = readFileAt(source, '/etc/passwd', {
    offset: 0,
    signal: new AbortController().signal,
    onSize(bytes) {
      if (bytes <= MOST_PASSWD) return;
      throw new AppError('limit_exceeded', `The sandbox’s /etc/passwd is too large to look for ${name} in it.`, {
        hint: 'Say its user by number.',
      });
    },
  });
  const passwd = Buffer.concat(await Array.fromAsync(pieces)).toString();
  const [, , uid, gid] =
    passwd
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':') ?? [];
  return { uid: Number(uid ?? 0), gid: Number(gid ?? 0) };
}
