import { valid } from '@renovatebot/pep440';
import { AppError } from '../../../../shared/model/error.ts';
import { normalName } from '../../local/installed-packages.ts';
import { openZip, type Zip } from './zip.ts';

/** `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl` (PEP 427). */
const FILE_NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._]*[A-Za-z0-9])?)-([^-]+)(?:-\d[^-]*)?-([^-]+)-([^-]+)-([^-]+)\.whl$/;
const METADATA_MAX = 1024 * 1024;

export interface WheelName {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** Null: it runs anywhere; else why it does not run here. */
  readonly unfit: string | null;
}

/** What a wheel's file name says; null when it is no wheel's. */
export function parseWheelName(file: string): WheelName | null {
  const [, name, version, python, abi, platform] = FILE_NAME.exec(file) ?? [];
  if (!name || !version || !python || valid(version) === null) return null;
  const isPython3 = python.split('.').includes('py3');
  const unfit =
    abi !== 'none' || platform !== 'any'
      ? `it has compiled parts (${python}-${abi}-${platform})`
      : isPython3
        ? null
        : `it is for another Python (${python})`;
  return { name: normalName(name), version, unfit };
}

export interface Wheel {
  /** The wheel's own name, for messages. */
  readonly file: string;
  readonly name: string;
  readonly version: string;
  readonly distInfo: string;
  /** Lines of `Requires-Dist`. */
  readonly requires: readonly string[];
  readonly requiresPython: string | null;
  /** Where each of its files goes below site-packages, by its name in the archive. */
  readonly files: ReadonlyMap<string, string>;
}

export const brokenWheel = (file: string, why: string, cause?: unknown): AppError =>
  new AppError('invalid_input', `The wheel ${file} is not installed: ${why}.`, {
    hint: 'Only wheels in pure Python (py3-none-any) run in WebAssembly.',
    details: { package: file },
    cause,
  });

/** Looks into a wheel and says what of it would be installed. `invalid_input` for what is no wheel that can be. */
export async function readWheel(path: string, file: string): Promise<{ readonly wheel: Wheel; readonly zip: Zip }> {
  const named = parseWheelName(file);
  if (!named) throw brokenWheel(file, 'its name is not that of a wheel');
  if (named.unfit !== null) throw brokenWheel(file, named.unfit);
  let zip: Zip;
  try {
    zip = await openZip(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw brokenWheel(file, error.message, error);
    throw error;
  }
  try {
    return { zip, wheel: await describe(zip, file, named) };
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error instanceof SyntaxError ? brokenWheel(file, error.message, error) : error;
  }
}

async function describe(zip: Zip, file: string, named: WheelName): Promise<Wheel> {
  const infos = [...new Set(zip.entries.flatMap(({ name }) => /^[^/]+\.dist-info(?=\/)/.exec(name)?.[0] ?? []))];
  const [distInfo] = infos;
  if (distInfo === undefined || infos.length > 1) throw new SyntaxError('it does not have one .dist-info folder');
  const metadata = await zip.readText(`${distInfo}/METADATA`, METADATA_MAX);
  const wheelText = await zip.readText(`${distInfo}/WHEEL`, METADATA_MAX);
  if (metadata === null || wheelText === null) throw new SyntaxError('it does not say what it is');
  const [head = ''] = metadata.split(/\r?\n\r?\n/, 1);
  const fields = (name: string) =>
    [...head.matchAll(new RegExp(`^${name}:[ \\t]*(.+)$`, 'gim'))].map(([, value = '']) => value.trim());
  const [name = ''] = fields('Name');
  const [version = ''] = fields('Version');
  if (normalName(name) !== named.name || version !== named.version) {
    throw new SyntaxError(`inside it is ${name || 'nothing'} ${version}`);
  }
  if (!/^Root-Is-Purelib:\s*true\s*$/im.test(wheelText)) throw new SyntaxError('it has compiled parts');
  const files = new Map(zip.entries.flatMap(({ name: entry }) => placeOf(entry, distInfo)));
  requireApart([...files.values()], distInfo);
  return {
    file,
    name: named.name,
    version,
    distInfo,
    requires: fields('Requires-Dist'),
    requiresPython: fields('Requires-Python')[0] ?? null,
    files,
  };
}

/** Every file a place of its own, none of them another's folder, and nobody else's record: else half of it would be put there. */
function requireApart(places: readonly string[], distInfo: string): void {
  const all = new Set(places);
  if (all.size < places.length) throw new SyntaxError('two of its files have the same place');
  for (const place of all) {
    const [top = ''] = place.split('/');
    if (top.endsWith('.dist-info') && top !== distInfo)
      throw new SyntaxError(`it brings the record of another: ${top}`);
    for (let at = place.lastIndexOf('/'); at > 0; at = place.lastIndexOf('/', at - 1)) {
      if (all.has(place.slice(0, at))) throw new SyntaxError(`${place.slice(0, at)} is both a file and a folder`);
    }
  }
}

/** What is for other places than site-packages (scripts, headers) has no meaning here and is left out. */
function placeOf(entry: string, distInfo: string): readonly (readonly [string, string])[] {
  const data = `${distInfo.replace(/\.dist-info$/, '.data')}/`;
  if (entry === `${distInfo}/RECORD`) return [];
  if (!entry.startsWith(data)) return [[entry, entry]];
  const inside = /^(?:purelib|platlib)\/(.+)$/.exec(entry.slice(data.length))?.[1];
  return inside === undefined ? [] : [[entry, inside]];
}
