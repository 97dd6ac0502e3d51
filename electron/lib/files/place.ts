import { type BigIntStats, lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { notFound, readOnly } from './file-errors.ts';
import { descend, type Folder, openFolder } from './folder.ts';
import { toBytes, toText } from './names.ts';
import { giveToOwnerOf } from './owner.ts';

/** A folder or file of this machine that is seen in a sandbox. */
export interface TreeRoot {
  /** Where inside: absolute, normalised. */
  readonly path: string;
  /** On this machine, trusted: nobody inside can exchange what leads to it. Null: covered inside, so it cannot be had. */
  readonly host: string | null;
  readonly readOnly: boolean;
  /** When it is not the sandbox that is not to write there. */
  readonly whyReadOnly?: AppError;
}

/** Where a path leads: a name in a folder that is held open. */
export interface Place extends Disposable {
  /** As it is called inside, without links, `.` and `..`. */
  readonly path: string;
  readonly root: TreeRoot;
  readonly folder: Folder;
  /** `.` of a root that is a folder. */
  readonly name: Buffer;
  /** Null: nothing is there. */
  readonly stats: BigIntStats | null;
  readonly isRoot: boolean;
}

export interface ResolveOptions {
  /** Where the last step is a link, what it leads to is meant. */
  readonly follow: boolean;
  /** Makes the folders on the way. */
  readonly make?: boolean;
  /** So many steps at the end are not the caller's own, e.g. an archive's: of these, a link on the way is `denied`. */
  readonly foreign?: number;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;
const HERE = Buffer.from('.');

// Steps are bytes, written as characters U+0000 to U+00FF: so they can be compared, split and joined.
type Steps = readonly string[];
const stepsOf = (path: Buffer): Steps =>
  path
    .toString('latin1')
    .split('/')
    .filter((step) => step !== '' && step !== '.');
const bytesOf = (step: string) => Buffer.from(step, 'latin1');
const textOf = (steps: Steps) => toText(Buffer.from(`/${steps.join('/')}`, 'latin1'));
const throughLink = (path: string) =>
  new AppError('denied', `${path} is a link; nothing is unpacked through it.`, {
    hint: 'Unpack it somewhere else, or remove the link.',
    details: { path },
  });
const startsWith = (steps: Steps, start: Steps) => start.every((step, index) => steps[index] === step);

interface Root extends TreeRoot {
  readonly steps: Steps;
}

/**
 * Finds what a path means in the tree that the roots make up, step by step and by descriptors: a link that is absolute
 * begins at that tree's own root, and what lies outside of the roots is `denied`. So neither a link nor somebody who
 * exchanges a folder for one meanwhile leads to anything else of this machine. `from`: where paths begin that are not absolute.
 */
export function createPlaces(given: readonly TreeRoot[], from: string) {
  const roots: readonly Root[] = given.map((root) => ({ ...root, steps: stepsOf(toBytes(root.path)) }));
  const start = stepsOf(toBytes(from));
  const outermost = roots.filter(
    ({ host, steps }) =>
      host !== null && !roots.some((other) => other.steps.length < steps.length && startsWith(steps, other.steps)),
  );

  const outside = (path: string) =>
    new AppError('denied', `${path} lies outside of what can be reached.`, {
      hint: `That is ${outermost.map((root) => root.path).join(', ')}.`,
      details: { path },
    });
  const rootAt = (steps: Steps) =>
    roots.findLast((root) => root.steps.length === steps.length && startsWith(steps, root.steps));
  const isAboveRoot = (steps: Steps) =>
    roots.some((root) => root.steps.length > steps.length && startsWith(root.steps, steps));

  const hostOf = (root: Root): string => {
    if (root.host !== null) return root.host;
    throw new AppError('denied', `${root.path} is hidden from this sandbox.`, { details: { path: root.path } });
  };

  /** A folder that was found before, afresh. Null: it lies above the roots. */
  const enter = (steps: Steps): { readonly folder: Folder; readonly root: Root } | null => {
    const [root] = roots
      .filter((each) => startsWith(steps, each.steps))
      .toSorted((a, b) => b.steps.length - a.steps.length);
    if (!root) {
      if (isAboveRoot(steps)) return null;
      throw outside(textOf(steps));
    }
    using folder = openFolder(hostOf(root));
    const found = descend(folder, steps.slice(root.steps.length).map(bytesOf));
    if (!found) throw notFound(textOf(steps));
    return { folder: found, root };
  };

  const ofRoot = (root: Root): Place => {
    const host = hostOf(root);
    const stats = lstatSync(host, { bigint: true, throwIfNoEntry: false }) ?? null;
    const isFolder = stats?.isDirectory() ?? false;
    const folder = openFolder(isFolder ? host : dirname(host));
    const name = isFolder ? HERE : Buffer.from(basename(host));
    return {
      path: root.path,
      root,
      folder,
      name,
      stats,
      isRoot: true,
      [Symbol.dispose]: () => folder[Symbol.dispose](),
    };
  };

  function resolve(asked: string, { follow, make = false, foreign = 0 }: ResolveOptions): Place {
    const bytes = toBytes(asked);
    let at: Steps = asked.startsWith('/') ? [] : start;
    let ahead = stepsOf(bytes);
    // `folder/` means what the link `folder` leads to.
    const meansFolder = /\/\.?$/.test(asked);
    let links = 0;
    let here = enter(at);
    const go = (next: typeof here) => {
      here?.folder[Symbol.dispose]();
      here = next;
    };
    try {
      for (let [step, ...rest] = ahead; step !== undefined; [step, ...rest] = ahead) {
        ahead = rest;
        const isLast = rest.length === 0;
        if (step === '..') {
          at = at.slice(0, -1);
          go(enter(at));
          continue;
        }
        const steps = [...at, step];
        const path = textOf(steps);
        const root = rootAt(steps);
        if (root) {
          if (isLast) return ofRoot(root);
          at = steps;
          go(enter(at));
          continue;
        }
        if (!here) {
          if (isLast || !isAboveRoot(steps)) throw outside(path);
          at = steps;
          continue;
        }
        const { folder, root: current } = here;
        const name = bytesOf(step);
        let stats = folder.look(name);
        if (stats?.isSymbolicLink() && (!isLast || follow || meansFolder)) {
          if (rest.length < foreign) throw throughLink(path);
          links += 1;
          if (links > MOST_LINKS) throw new AppError('conflict', `${asked} leads back to itself.`);
          const target = readlinkSync(folder.at(name), { encoding: 'buffer' });
          if (target[0] === 0x2f) {
            at = [];
            go(enter(at));
          }
          ahead = [...stepsOf(target), ...rest];
          continue;
        }
        if (!stats && !isLast) {
          if (!make) throw notFound(path);
          if (current.readOnly) throw current.whyReadOnly ?? readOnly(path);
          mkdirSync(folder.at(name), { mode: 0o755 });
          giveToOwnerOf(folder, name);
          stats = folder.look(name);
        }
        if (isLast) {
          here = null; // the place's now
          return {
            path,
            root: current,
            folder,
            name,
            stats,
            isRoot: false,
            [Symbol.dispose]: () => folder[Symbol.dispose](),
          };
        }
        const next = folder.enter(name);
        if (!next) throw new AppError('conflict', `${path} is not a folder.`, { details: { path } });
        at = steps;
        go({ folder: next, root: current });
      }
      const root = rootAt(at);
      if (root) return ofRoot(root);
      // It ended with `..`, or at the working directory.
      if (!here) throw outside(textOf(at));
      const { folder, root: current } = here;
      here = null;
      return {
        path: textOf(at),
        root: current,
        folder,
        name: HERE,
        stats: folder.stats(),
        isRoot: false,
        [Symbol.dispose]: () => folder[Symbol.dispose](),
      };
    } finally {
      go(null);
    }
  }

  return { resolve };
}
export type Places = ReturnType<typeof createPlaces>;
