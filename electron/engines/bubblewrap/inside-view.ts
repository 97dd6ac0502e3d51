import { accessSync, constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { delimiter, join, posix } from 'node:path';
import { AppError } from '../../../shared/model/error.ts';
import { behind, type Mount } from './mount-plan.ts';

/** The files of a sandbox as seen from this machine. */
export interface InsideView {
  /** What lies at a path of the sandbox itself, without following a link there; null: nothing. */
  readonly look: (path: string) => Entry | null;
}

interface Entry {
  readonly kind: 'folder' | 'file' | 'link';
  /** Of a link. */
  readonly target: string;
  /** Whether it may be executed, or entered. */
  readonly allowed: boolean;
}

const MOST_LINKS = 40;

/** Of a sandbox that runs: what its first process sees. */
export const viewOf = (pid: number): InsideView => ({
  look: (path) => lookAt(join(`/proc/${pid}/root`, path)),
});

/** Of one that is yet to be started. What is in memory only is empty then. */
export const viewOfPlan = (plan: readonly Mount[]): InsideView => ({
  look(path) {
    const mount = plan.findLast((each) => each.path === path && each.type !== 'seal');
    if (mount?.type === 'link') return { kind: 'link', target: mount.target, allowed: true };
    const source = behind(plan, path);
    if (source !== null) return lookAt(source);
    const isFolder = plan.some((each) => each.path === path || each.path.startsWith(`${path === '/' ? '' : path}/`));
    return isFolder ? { kind: 'folder', target: '', allowed: true } : null;
  },
});

function lookAt(path: string): Entry | null {
  let found: Stats | undefined;
  try {
    found = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return null; // in a folder that may not be entered, or below a file
  }
  if (!found) return null;
  if (found.isSymbolicLink()) return { kind: 'link', target: readlinkSync(path), allowed: true };
  return { kind: found.isDirectory() ? 'folder' : 'file', target: '', allowed: mayExecute(path) };
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Follows links inside the sandbox, step by step: asked as a whole, this machine's kernel would take
 * an absolute link for one of its own. Null when there is nothing.
 */
export function follow(view: InsideView, path: string): (Entry & { readonly path: string }) | null {
  let links = 0;
  let steps = posix.normalize(path).split('/').filter(Boolean);
  let here = '/';
  let entry = view.look('/');
  while (steps.length > 0) {
    const [step = '', ...rest] = steps;
    steps = rest;
    const next = posix.join(here, step);
    entry = view.look(next);
    if (!entry) return null;
    if (entry.kind !== 'link') {
      here = next;
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) return null;
    const target = posix.isAbsolute(entry.target) ? entry.target : posix.join(here, entry.target);
    steps = [...posix.normalize(target).split('/').filter(Boolean), ...rest];
    here = '/';
    entry = view.look('/');
  }
  return entry && { ...entry, path: here };
}

/** Throws `invalid_input` unless it is a folder that can be entered. */
export function checkFolder(view: InsideView, workdir: string): void {
  const found = follow(view, workdir);
  if (found?.kind === 'folder' && found.allowed) return;
  const why = !found ? 'is missing' : found.kind === 'folder' ? 'cannot be entered' : 'is not a folder';
  throw new AppError('invalid_input', `The working directory ${workdir} ${why} in the sandbox.`, {
    hint: 'The sandbox sees its workspace at /workspace, and of this machine only the system and what was shown to it.',
    details: { field: 'workdir' },
  });
}

/** Finds a program as a shell inside would, and gives its path. Throws `invalid_input`. */
export function findProgramInside(view: InsideView, name: string, path: string, workdir: string): string {
  const candidates = name.includes('/')
    ? [posix.resolve(workdir, name)]
    : path.split(delimiter).map((folder) => posix.resolve(workdir, folder, name));
  let denied = false;
  for (const candidate of candidates) {
    const found = follow(view, candidate);
    if (found?.kind !== 'file') continue;
    if (found.allowed) return candidate;
    denied = true;
  }
  const message = denied
    ? `The program ${name} may not be executed in the sandbox.`
    : `The program ${name} does not exist in the sandbox.`;
  throw new AppError('invalid_input', message, {
    hint: name.includes('/')
      ? 'The sandbox sees the system’s programs and its workspace, at /workspace.'
      : `It was looked for in PATH: ${path}`,
    details: { field: 'command' },
  });
}
