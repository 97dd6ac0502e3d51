import { explain, satisfies, validRange } from '@renovatebot/pep440';
import { normalName } from '../../local/installed-packages.ts';
import { holds, type MarkerEnvironment } from './markers.ts';

export interface Requirement {
  /** As it was written, for messages. */
  readonly text: string;
  /** Normalised, see `normalName`. */
  readonly name: string;
  readonly extras: readonly string[];
  /** e.g. `>=1.2,<2`; empty: any version. */
  readonly specifier: string;
}

const SHAPE = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*\(?([^();@]*)\)?\s*(?:;(.*))?$/s;
const MOST_CHARACTERS = 2000;

/** A requirement of PEP 508 without a URL; null when it is none. `wanted`: whether its marker holds. */
export function parseRequirement(
  text: string,
  environment: MarkerEnvironment,
): { readonly requirement: Requirement; readonly wanted: boolean } | null {
  if (text.length > MOST_CHARACTERS) return null;
  const [, name, extras = '', specifier = '', marker] = SHAPE.exec(text.trim()) ?? [];
  if (name === undefined) return null;
  const range = specifier.replace(/\s+/g, '').replace(/,$/, '');
  if (range !== '' && !validRange(range)) return null;
  const wanted = marker === undefined ? true : holds(marker, environment);
  if (wanted === null) return null;
  const requirement = {
    text: text.trim(),
    name: normalName(name),
    extras: extras.split(',').flatMap((extra) => normalName(extra.trim()) || []),
    specifier: range,
  };
  return { requirement, wanted };
}

const isPreRelease = (version: string): boolean => explain(version)?.is_prerelease ?? false;

/** Pre-releases count only where the specifier names one. */
export function isMet({ specifier }: Pick<Requirement, 'specifier'>, version: string, prereleases = false): boolean {
  const asked = specifier.split(',').some((part) => isPreRelease(part.replace(/^[<>=!~]+|\.\*$/g, '')));
  if (!prereleases && !asked && isPreRelease(version)) return false;
  return specifier === '' || satisfies(version, specifier, { prereleases: true });
}
