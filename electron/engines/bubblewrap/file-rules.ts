import { existsSync, realpathSync, statSync } from 'node:fs';
import { AppError } from '../../../shared/model/error.ts';
import type { SandboxSpec } from '../../../shared/model/spec.ts';
import { unreachable } from '../../lib/unreachable.ts';
import { WORKSPACE } from './identity-files.ts';
import { isWithin, type Mount, moved } from './mount-plan.ts';

/** Places inside that are the sandbox's own: nothing of this machine's can be put there. */
const TAKEN = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/proc',
  '/dev',
  '/sys',
  '/workspace',
];

interface Shown {
  readonly field: string;
  readonly source: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** What of this machine's files a spec asks to see, beside its workspace. */
function asked({ mounts, filesystem }: SandboxSpec): readonly Shown[] {
  const same = (field: string, readOnly: boolean) => (path: string) => ({ field, source: path, path, readOnly });
  return [
    ...mounts.map(({ hostPath, path, readOnly }) => ({ field: 'mounts', source: hostPath, path, readOnly })),
    ...(filesystem?.readOnly ?? []).map(same('filesystem.readOnly', true)),
    ...(filesystem?.readWrite ?? []).map(same('filesystem.readWrite', false)),
  ];
}

/** What a spec names beside that: it is shown as well, by other means, and must be fit to be shown. */
function askedBeside({ source, python }: SandboxSpec): readonly Pick<Shown, 'field' | 'source' | 'path'>[] {
  const wheels = python?.wheels;
  return [
    ...(source.type === 'directory' ? [{ field: 'source', source: source.path, path: WORKSPACE }] : []),
    ...(wheels === undefined ? [] : [{ field: 'python.wheels', source: wheels, path: wheels }]),
  ];
}

/**
 * Throws `invalid_input` or `denied` for what cannot or may not be shown. Paths are compared as they
 * really are, after links.
 */
export function checkFileRules(spec: SandboxSpec, denied: readonly string[]): void {
  const forbidden = [...denied, ...(spec.filesystem?.denied ?? [])].map(real);
  for (const { field, source, path } of [...asked(spec), ...askedBeside(spec)]) {
    const refuse = (code: 'invalid_input' | 'denied', why: string, hint: string) => {
      throw new AppError(code, `${source} ${why}.`, { hint, details: { field } });
    };
    try {
      statSync(source);
    } catch (error) {
      throw unreachable(error, source, field);
    }
    if (real(source) === '/') refuse('invalid_input', 'is the whole machine', 'Name the folders that are needed.');
    if (forbidden.some((each) => isWithin(real(source), each))) {
      refuse('denied', 'is, or lies in, what is never shown to a sandbox', 'Copy what is needed into the workspace.');
    }
    const isFit = field === 'source' || isSystem(field, path);
    const taken = isFit ? undefined : TAKEN.find((each) => isWithin(path, each));
    if (path === '/' || taken) {
      refuse('invalid_input', `cannot be shown at ${path}, which is the sandbox’s own`, 'Choose another place inside.');
    }
  }
}

/** Shown to be read only, below the system's own folder, which is shown anyway. */
const isSystem = (field: string, path: string) =>
  (field === 'filesystem.readOnly' || field === 'python.wheels') && isWithin(path, '/usr');

/** What is there of all that must not be seen, and where it really lies. */
export function hiddenFrom(spec: SandboxSpec, denied: readonly string[]): readonly string[] {
  const wanted = [...(spec.filesystem?.denied ?? []), ...denied].filter((path) => existsSync(path));
  return [...new Set([...wanted, ...wanted.map(real)])];
}

/**
 * What a spec asks to see, and over each of them what is hidden in it. What does not exist when a
 * sandbox starts is not covered: it would have to be made for that on this machine.
 */
export function ruledMounts(
  spec: SandboxSpec,
  workspace: { readonly source: string; readonly path: string },
  hidden: readonly string[],
): readonly Mount[] {
  const shown = [{ ...workspace, readOnly: false }, ...asked(spec)].filter(({ source }) => existsSync(source));
  // Outer ones first, so that what lies inside another one is not covered by it.
  const binds = shown.toSorted((a, b) => a.path.length - b.path.length);
  return binds.flatMap(({ source, path, readOnly }) => covered({ type: 'bind', source, path, readOnly }, hidden));
}

/** A bind, and over it what is hidden in it. What is bound is where the path led when that was looked at. */
export function covered(bind: Extract<Mount, { type: 'bind' }>, hidden: readonly string[]): readonly Mount[] {
  const base = real(bind.source);
  const inside = hidden.filter((each) => isWithin(each, base) && each !== base);
  return [{ ...bind, source: base }, ...inside.map((each) => cover(each, moved(each, base, bind.path)))];
}

/** Something empty that nobody can write to. */
function cover(source: string, path: string): Mount {
  return statSync(source).isDirectory()
    ? { type: 'memory', path, mode: '0000', bytes: 4096, readOnly: true }
    : { type: 'bind', source: '/dev/null', path, readOnly: true };
}

/** Where it really lies, after links; itself when it is not there. */
function real(path: string): string {
  // Most of what is denied is not there, and an error costs a hundred times the question.
  if (!existsSync(path)) return path;
  try {
    return realpathSync(path);
  } catch {
    return path; // missing, or in a folder that this user may not enter, and so nor may the sandbox
  }
}
