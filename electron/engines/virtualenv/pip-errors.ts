import { AppError } from '../../../shared/model/error.ts';
import type { ToolResult } from '../local/tools.ts';

/**
 * What pip says when it fails, in the user's words. Matched on pip 22.3 and newer; what nobody foresaw
 * is told with pip's own last error line. `index`: the URL that packages come from, where it is known.
 * `offline`: no index can be reached from where pip runs.
 */
export function pipError(
  { stdout, stderr, exit }: ToolResult,
  doing: string,
  index: string | null,
  offline = false,
): AppError {
  const text = `${stdout}\n${stderr}`;
  const found = (pattern: RegExp) => pattern.exec(text);

  const unreachable = found(
    /(?:NewConnectionError|ConnectTimeoutError|NameResolutionError|ProxyError|Max retries)[^\n]*/,
  );
  const missing = found(
    /Could not find a version that satisfies the requirement (\S+?)((?:\[.*?\])?\s*[<>=!~][^\s(]*)? (?:.*?)\(from versions: ([^)]*)\)/,
  );
  if (missing) {
    const [, name = '', range, versions = 'none'] = missing;
    const bare = nameOf(name);
    if (unreachable) return indexUnreachable(bare, index, offline);
    if (versions === 'none') {
      return new AppError('not_found', `The package ${bare} was not found where packages come from.`, {
        hint: 'Check its spelling, and the index or the folder with wheels. A wheel must also fit this Python and machine.',
        details: { package: bare },
      });
    }
    const newest = versions.split(', ').slice(-8).join(', ');
    return new AppError(
      'not_found',
      `The package ${bare} has no version that fits ${range?.trim() || 'what was asked for'}.`,
      {
        hint: `There are: ${newest}.`,
        details: { package: bare },
      },
    );
  }
  const conflict = found(/Cannot install (.+?) because these package versions have conflicting dependencies/);
  if (conflict) {
    const names = conflict[1] ?? '';
    const reasons = text.match(/^ {4}.+(?:depends on|requested).+$/gm) ?? [];
    return new AppError('conflict', `These packages do not go together: ${names}.`, {
      hint: reasons.map((line) => line.trim()).join('; ') || 'Loosen the versions that were asked for.',
      details: { package: nameOf(names.split(/[\s,]/)[0] ?? '') },
    });
  }
  const build = found(/(?:Failed building wheel for|Could not build wheels for|Failed to build) ([\w.-]+)/);
  if (build || found(/subprocess-exited-with-error|metadata-generation-failed/)) {
    const name = build?.[1] ?? found(/╰─> ([\w.-]+)/)?.[1] ?? '';
    return new AppError('internal', `The package ${name || 'that was asked for'} could not be built from its source.`, {
      hint: errorLines(text) ?? 'It may need a compiler or header files; a wheel needs none.',
      ...(name ? { details: { package: name } } : {}),
    });
  }
  const python = found(/Package '?([\w.-]+)'? requires a different Python: (.+)/);
  if (python) {
    return new AppError('not_found', `The package ${python[1]} needs another Python: ${python[2]}.`, {
      details: { package: python[1] ?? '' },
    });
  }
  const invalid = found(/Invalid requirement: '?([^'\n]+)'?/);
  if (invalid) {
    return new AppError('invalid_input', `"${invalid[1]}" names no package.`, {
      hint: 'Write name, name[extra] or name>=1.2.',
      details: { package: invalid[1] ?? '' },
    });
  }
  const managed = found(/externally-managed-environment/);
  if (managed)
    return new AppError('denied', 'This Python belongs to the system, and its packages to the package manager.');
  if (found(/No space left on device|Errno 28/)) {
    return new AppError('limit_exceeded', `The disk is full: ${doing} could not be finished.`, {
      hint: 'Free some space.',
    });
  }
  if (unreachable) return indexUnreachable(null, index, offline);
  if (exit.signal !== null) {
    return new AppError('cancelled', `${doing} was ended (${exit.signal}).`, {
      hint: 'The sandbox may have been stopped or destroyed.',
    });
  }
  return new AppError('internal', `${doing} failed.`, {
    hint: errorLines(text) ?? `pip ended with ${exit.code}.`,
  });
}

function indexUnreachable(name: string | null, index: string | null, offline: boolean): AppError {
  const where = index === null ? 'The package index' : new URL(index).host;
  return new AppError('disconnected', `${where} cannot be reached${name ? `, where ${name} was looked for` : ''}.`, {
    hint: offline
      ? 'The sandbox has no network: make one with the network mode full, or name a folder with wheels.'
      : 'Check the network and the index URL, or install from a folder with wheels.',
    ...(name ? { details: { package: name } } : {}),
  });
}

const nameOf = (requirement: string) => /^[A-Za-z0-9._-]*[A-Za-z0-9]/.exec(requirement)?.[0] ?? requirement;

function errorLines(text: string): string | null {
  const lines = text.match(/^\s*(?:ERROR|error): .+$/gm) ?? [];
  return (
    lines
      .slice(-2)
      .map((line) => line.trim())
      .join(' ') || null
  );
}
