import { rcompare } from '@renovatebot/pep440';
import { AppError } from '../../../../shared/model/error.ts';
import type { MarkerEnvironment } from './markers.ts';
import { isMet, parseRequirement, type Requirement } from './requirement.ts';
import { brokenWheel, parseWheelName, readWheel, type Wheel } from './wheel.ts';
import type { Offered, WheelSource } from './wheel-sources.ts';
import type { Zip } from './zip.ts';

/** So many packages need each other at the most; a chain that never ends ends here. */
const PACKAGES_MAX = 500;

export interface Chosen {
  readonly wheel: Wheel;
  readonly zip: Zip;
}

interface Candidate {
  readonly version: string;
  readonly offered: Offered;
}

/** What a source has of a package that runs here, the newest first. Throws `not_found`, or `unsupported` where all of it is compiled. */
export async function candidates(
  source: WheelSource,
  name: string,
  python: string,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const offered = await source.find(name, signal);
  const wheels = offered.flatMap((each) => {
    const parsed = parseWheelName(each.file);
    return parsed?.name === name ? [{ ...parsed, offered: each }] : [];
  });
  const fit = wheels.filter(
    ({ unfit, offered: { requiresPython, yanked } }) =>
      unfit === null &&
      !yanked &&
      (requiresPython === null || isMet({ specifier: requiresPython.replace(/\s/g, '') }, python)),
  );
  if (fit.length > 0) return fit.toSorted((a, b) => rcompare(a.version, b.version));
  const [first] = wheels.filter(({ unfit }) => unfit !== null);
  if (first?.unfit != null) throw brokenWheel(first.offered.file, first.unfit);
  const what =
    offered.length === 0
      ? `There is no ${name} in ${source.title}.`
      : `${name} in ${source.title} has no wheel for Python ${python}.`;
  throw new AppError('not_found', what, {
    hint: 'Only wheels in pure Python (py3-none-any) run in WebAssembly. Look at the name, or bring such a wheel.',
    details: { package: name },
  });
}

/**
 * Which wheels are to be installed for these requirements and all that they need: the newest that fits each time. It
 * does not go back on a choice: where two packages want different versions of a third, that is an error which names them.
 * Whoever calls disposes of the archives.
 */
export async function resolve(options: {
  readonly requirements: readonly string[];
  /** Of what is installed, by normalised name; these stay where they fit. */
  readonly installed: ReadonlyMap<string, string>;
  /** Names that are to be as new as can be, whatever is installed. */
  readonly upgrade: ReadonlySet<string>;
  readonly source: WheelSource;
  readonly environment: MarkerEnvironment;
  /** A path for the file that is fetched next. */
  readonly nextPath: () => string;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
  readonly chosen: Map<string, Chosen>;
}): Promise<void> {
  const { installed, upgrade, source, environment, signal, progress, chosen } = options;
  const python = environment.python_full_version ?? '';
  const extrasDone = new Set<string>();
  const read = (text: string, by: string | null, extra: string) => {
    const parsed = parseRequirement(text, { ...environment, extra });
    if (parsed) return parsed.wanted ? [{ ...parsed.requirement, by }] : [];
    throw new AppError(
      'invalid_input',
      `${by === null ? '' : `${by} needs `}"${text.slice(0, 200)}"${by === null ? ' names no package' : ', which cannot be read'}.`,
      {
        hint: 'Packages are named like name or name>=1.2.',
        details: { package: text.slice(0, 200) },
      },
    );
  };
  const queue: (Requirement & { readonly by: string | null })[] = options.requirements.flatMap((text) =>
    read(text, null, ''),
  );

  const choose = async (requirement: Requirement & { readonly by: string | null }): Promise<Chosen> => {
    const { name, by } = requirement;
    const all = await candidates(source, name, python, signal);
    const best =
      all.find(({ version }) => isMet(requirement, version)) ??
      all.find(({ version }) => isMet(requirement, version, true));
    if (!best) {
      throw new AppError(
        'not_found',
        `No version of ${name} in ${source.title} fits ${requirement.text}${by === null ? '' : `, which ${by} needs`}.`,
        {
          hint: `There are ${all
            .slice(0, 10)
            .map(({ version }) => version)
            .join(', ')}.`,
          details: { package: name },
        },
      );
    }
    progress(`Fetching ${best.offered.file}`);
    const path = await best.offered.fetch(options.nextPath(), signal);
    return readWheel(path, best.offered.file);
  };

  for (let next = queue.shift(); next; next = queue.shift()) {
    signal.throwIfAborted();
    const { name, by, extras } = next;
    const before = chosen.get(name)?.wheel.version ?? (upgrade.has(name) ? undefined : installed.get(name));
    const fits = before !== undefined && isMet(next, before, true);
    if (chosen.has(name) && !fits) {
      throw new AppError(
        'conflict',
        `${by ?? 'You'} asked for ${next.text}, but something else needs ${name} ${before}.`,
        {
          hint: `Name a version of ${name} that fits all.`,
          details: { package: name },
        },
      );
    }
    // What an extra needs is written in the wheel only.
    if (!chosen.has(name) && (!fits || extras.length > 0)) {
      if (chosen.size === PACKAGES_MAX)
        throw new AppError('limit_exceeded', `More than ${PACKAGES_MAX} packages are needed.`);
      const made = await choose(next);
      chosen.set(name, made);
      queue.push(...made.wheel.requires.flatMap((text) => read(text, `${name} ${made.wheel.version}`, '')));
    }
    const { wheel } = chosen.get(name) ?? {};
    for (const extra of extras) {
      if (!wheel || extrasDone.has(`${name}[${extra}]`)) continue;
      extrasDone.add(`${name}[${extra}]`);
      queue.push(...wheel.requires.flatMap((text) => read(text, `${name} ${wheel.version}`, extra)));
    }
  }
}
