import { AppError } from '../../../shared/model/error.ts';
import type { LocalSandbox } from '../local/launcher.ts';
import { type RuntimeName, runtimeNames } from './job.ts';

/** What each interpreter is called by, as on a command line; the first is what a console opens. */
const programs: Readonly<Record<Exclude<RuntimeName, 'wasi'>, readonly string[]>> = {
  quickjs: ['js', 'qjs', 'quickjs'],
  python: ['python', 'python3'],
};
const suffixes: Readonly<Record<RuntimeName, RegExp>> = {
  wasi: /\.wasm$/,
  quickjs: /\.m?js$/,
  python: /\.py$/,
};

export function runtimeOf({ manifest }: LocalSandbox): RuntimeName {
  const { runtime } = manifest.spec;
  return runtimeNames.find((name) => name === runtime) ?? 'wasi';
}

/** What the module of a sandbox is called inside: its file's name, with or without the ending. */
export function moduleName({ manifest }: LocalSandbox): string | null {
  const { source } = manifest.spec;
  if (source.type !== 'module') return null;
  return (source.path.split('/').at(-1) ?? '').replace(/\.wasm$/, '');
}

/** What a console runs when nothing is asked for. Throws `invalid_input` where there is nothing. */
export function defaultProgram(sandbox: LocalSandbox): string {
  const runtime = runtimeOf(sandbox);
  const found = runtime === 'wasi' ? moduleName(sandbox) : programs[runtime][0];
  if (found != null) return found;
  throw new AppError('invalid_input', 'This sandbox has no module of its own to run in a console.', {
    hint: 'Name one that is in the workspace, like ./program.wasm.',
    details: { field: 'command' },
  });
}

/** What a program's name stands for. */
export type Meaning =
  | { readonly type: 'interpreter' }
  | { readonly type: 'own module' }
  /** A file that the guest can see: a module, or a script for the interpreter. */
  | { readonly type: 'file' };

export function meaningOf(sandbox: LocalSandbox, name: string): Meaning | null {
  const runtime = runtimeOf(sandbox);
  if (runtime !== 'wasi' && programs[runtime].includes(name)) return { type: 'interpreter' };
  const own = moduleName(sandbox);
  if (own !== null && (name === own || name === `${own}.wasm`)) return { type: 'own module' };
  return suffixes[runtime].test(name) ? { type: 'file' } : null;
}
