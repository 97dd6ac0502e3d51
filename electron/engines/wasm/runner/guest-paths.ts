import { type BigIntStats, closeSync, constants, lstatSync, openSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { guestError } from './guest-error.ts';

/** A folder or file of this machine that a guest sees. */
export interface Root {
  /** Where: absolute, normalised, without a slash at its end. */
  readonly path: string;
  /** Of this machine, without symbolic links in it. */
  readonly host: string;
  readonly readOnly: boolean;
}

/** Where a guest's path leads. */
export interface Place {
  /** As the guest calls it, without links, `.` and `..`. */
  readonly path: string;
  /** Null: a folder that is only there because roots lie below it. */
  readonly root: Root | null;
  readonly host: string;
  /** Null: nothing is there yet, but its folder is. */
  readonly stat: BigIntStats | null;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;
const isLinux = process.platform === 'linux';

/**
 * Finds what a path means inside the guest's own tree, link by link: a link that is absolute begins at the
 * guest's root and `..` ends there, so that no path leads out. `floor` (a folder) may not be left either.
 */
export function createGuestPaths(roots: readonly Root[]) {
  const rootOf = (path: string): Root | null =>
    roots
      .filter((root) => path === root.path || path.startsWith(`${root.path}/`) || root.path === '/')
      .reduce<Root | null>((best, root) => (best && best.path.length >= root.path.length ? best : root), null);

  /** Names that lie in a folder because roots lie there. */
  const rootNames = (path: string): readonly string[] => {
    const prefix = path === '/' ? '/' : `${path}/`;
    const below = roots.filter((root) => root.path.startsWith(prefix) && root.path !== prefix);
    return [...new Set(below.map((root) => root.path.slice(prefix.length).split('/')[0] ?? ''))];
  };

  const look = (path: string): Place => {
    const root = rootOf(path);
    if (root) {
      const host =
        root.path === path ? root.host : join(root.host, path.slice(root.path === '/' ? 0 : root.path.length));
      const stat = lstatSync(host, { bigint: true, throwIfNoEntry: false }) ?? null;
      if (stat || rootNames(path).length === 0) return { path, root, host, stat };
    }
    if (path !== '/' && rootNames(path).length === 0) throw guestError('ENOENT', path);
    return { path, root: null, host: '', stat: null };
  };

  const resolve = (
    from: string,
    asked: string,
    { follow, floor = '/' }: { readonly follow: boolean; readonly floor?: string },
  ): Place => {
    if (asked.includes('\0')) throw guestError('EINVAL');
    if (asked === '') throw guestError('ENOENT');
    const confined = floor !== '/';
    if (confined && asked.startsWith('/')) throw guestError('ENOTCAPABLE', asked);
    const parts = (path: string) => path.split('/').filter((part) => part !== '' && part !== '.');
    let at = asked.startsWith('/') ? [] : parts(from);
    const lowest = parts(floor).length;
    let ahead = parts(asked);
    // `folder/` means what the link `folder` leads to, and that has to be a folder.
    const asFolder = /\/\.?$/.test(asked);
    let links = 0;
    let place = look(`/${at.join('/')}`);
    while (ahead.length > 0) {
      const [part = '', ...rest] = ahead;
      ahead = rest;
      if (part === '..') {
        if (confined && at.length <= lowest) throw guestError('ENOTCAPABLE', asked);
        at = at.slice(0, -1);
        place = look(`/${at.join('/')}`);
        continue;
      }
      if (place.root && !place.stat) throw guestError('ENOENT', asked);
      if (place.stat && !place.stat.isDirectory()) throw guestError('ENOTDIR', asked);
      const next = look(`/${[...at, part].join('/')}`);
      if (next.stat?.isSymbolicLink() && next.root?.path !== next.path && (rest.length > 0 || follow || asFolder)) {
        links += 1;
        if (links > MOST_LINKS) throw guestError('ELOOP', asked);
        const target = readlinkSync(next.host);
        if (target.startsWith('/')) {
          if (confined) throw guestError('ENOTCAPABLE', asked);
          at = [];
          place = look('/');
        }
        ahead = [...parts(target), ...rest];
        continue;
      }
      if (!next.stat && next.root && rest.length > 0) throw guestError('ENOENT', asked);
      at = [...at, part];
      place = next;
    }
    if (asFolder && place.stat && !place.stat.isDirectory()) throw guestError('ENOTDIR', asked);
    return place;
  };

  return { resolve, rootNames };
}

/**
 * Calls back with a path of this machine that names the place for sure: its folder is held open, and it is
 * checked that it is that folder. So whoever exchanges a folder for a link meanwhile (another program of the
 * same sandbox, or of this machine) does not lead us out. Systems without /proc have the check before only.
 */
export function within<T>({ host, root }: Place, use: (path: string) => T): T {
  if (!root) throw guestError('EACCES');
  // A root itself was chosen by this machine's user, and no guest can move it.
  if (!isLinux || host === root.host) return use(host);
  const folder = dirname(host);
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const fd = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`) !== folder) throw guestError('EACCES', host);
    return use(`/proc/self/fd/${fd}/${basename(host)}`);
  } finally {
    closeSync(fd);
  }
}

/** The same for a folder as a whole, e.g. to list it. */
export function withinFolder<T>(place: Place, use: (path: string) => T): T {
  if (!isLinux) return use(place.host);
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const fd = within(place, (path) => openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  try {
    return use(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
