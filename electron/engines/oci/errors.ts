import { AppError, isAppError } from '../../../shared/model/error.ts';

/** What dockerode throws: an Error with the HTTP status and the daemon's JSON, or a socket's error. */
interface EngineFailure extends Error {
  readonly statusCode?: unknown;
  readonly json?: unknown;
  readonly code?: unknown;
}

/** Socket errors that say "nobody answers there". */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ECONNABORTED',
]);

/** Codes of TLS and of an answer that is no HTTP: somebody is there, but not the one who is meant. */
const NOT_TRUSTED = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HPE_)/;

export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const { statusCode } = error as EngineFailure;
  return typeof statusCode === 'number' ? statusCode : null;
}

/** The daemon's own words, without dockerode's "(HTTP code 500) …" around them. */
export function engineMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { json } = error as EngineFailure;
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message.trim();
  }
  return error.message.replace(/^\(HTTP code \d+\) [^-]*- /, '').trim();
}

interface Meaning {
  readonly pattern: RegExp;
  readonly make: (text: string) => AppError;
}

/** Failures that every daemon reports as "500" and that a user can do something about. */
const meanings: readonly Meaning[] = [
  {
    pattern: /address already in use|port is already allocated|failed to bind host port/i,
    make: (text) => {
      const port = /(?:[\d.]+|\]):(\d+)/.exec(text)?.[1];
      return new AppError('conflict', `Port ${port ?? ''} on this machine is already in use`.replace('  ', ' '), {
        hint: 'Stop the program that uses it, or rebuild the sandbox to have another port chosen',
        details: { field: 'ports', reason: 'port_in_use', ...(port ? { hostPort: Number(port) } : {}) },
      });
    },
  },
  {
    pattern:
      /executable file not found|exec: "[^"]*": (?:stat|permission denied|is a directory)|no such file or directory: unknown/i,
    make: (text) => commandFailure(text),
  },
  {
    pattern: /error setting rlimit/i,
    make: (text) =>
      new AppError('limit_exceeded', 'The limit on open files or file size is higher than this machine allows', {
        hint: 'Ask for a lower limits.openFiles',
        details: { field: 'limits', engine: text },
      }),
  },
  {
    pattern: /range of cpus is from|only \d+ cpus available/i,
    make: (text) => new AppError('invalid_input', text, { details: { field: 'limits.cpuCores' } }),
  },
  {
    pattern: /container state improper/i,
    make: (text) => new AppError('conflict', `The sandbox is not in a state for this: ${text}`),
  },
  {
    pattern: /container-init binary not found|init binary.*(?:not found|no such file)/i,
    make: (text) =>
      new AppError('engine_unavailable', 'Podman has no init for its containers', {
        hint: 'Install catatonit: sudo apt-get install catatonit, or sudo dnf install catatonit',
        details: { engine: text },
      }),
  },
  {
    pattern: /no space left on device/i,
    make: (text) =>
      new AppError('limit_exceeded', 'The disk that the engine keeps its data on is full', {
        hint: 'Free some space, e.g. by removing images that are not needed',
        details: { engine: text },
      }),
  },
];

/** A program or folder that the runtime could not start in, from the runtime's text. */
export function commandFailure(text: string): AppError {
  const workdir = /(?:chdir to cwd \(|initial working directory |chdir to )["`]([^"`]*)["`]/.exec(text)?.[1];
  if (workdir !== undefined) {
    return new AppError('invalid_input', `The working directory ${workdir} does not exist in the sandbox`, {
      details: { field: 'workdir' },
    });
  }
  // runc's words, gVisor's, and crun's.
  const name = /(?:exec: |executing command |executable file )["`]([^"`]*)["`]/.exec(text)?.[1];
  const what = name === undefined ? 'the command' : `“${name}”`;
  const field = { field: 'command', ...(name === undefined ? {} : { command: name }) };
  if (/permission denied|is a directory/i.test(text)) {
    return new AppError('invalid_input', `Command cannot be run: ${what} is not an executable program`, {
      details: field,
    });
  }
  if (/executable file not found|no such file or directory/i.test(text)) {
    return new AppError('invalid_input', `Command not found: there is no ${what} in the sandbox`, {
      hint: 'Check the spelling, or use an image that has it',
      details: field,
    });
  }
  return new AppError('invalid_input', `The command could not be started: ${text}`, { details: field });
}

/**
 * Turns whatever a call of the daemon threw into an AppError. `what` ends the sentence "The engine
 * could not …".
 */
export function toAppError(error: unknown, engine: string, what: string): AppError {
  if (isAppError(error)) return error;
  const status = statusOf(error);
  const text = engineMessage(error);
  if (status === null) return connectionError(error, engine, what);
  for (const { pattern, make } of meanings) if (pattern.test(text)) return make(text);
  const message = `${engine} could not ${what}: ${text}`;
  // Podman says 500 of one that is being removed.
  const gone = status === 404 || (status === 500 && /no such container/i.test(text));
  if (gone) return new AppError('not_found', message, { cause: error });
  if (status === 409) return new AppError('conflict', message, { cause: error });
  if (status === 400) return new AppError('invalid_input', message, { cause: error });
  if (status === 401 || status === 403) return new AppError('denied', message, { cause: error });
  if (status === 501) return new AppError('unsupported', message, { cause: error });
  if (status === 502 || status === 503) return new AppError('engine_unavailable', message, { cause: error });
  return new AppError('internal', message, { cause: error });
}

function connectionError(error: unknown, engine: string, what: string): AppError {
  const code = error instanceof Error ? (error as EngineFailure).code : undefined;
  const text = engineMessage(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('engine_unavailable', `This user may not talk to ${engine}`, {
      hint: 'Look at the engine’s page for the steps',
      details: { reason: 'denied' },
      cause: error,
    });
  }
  const unreachable = (typeof code === 'string' && UNREACHABLE.has(code)) || /socket hang up|aborted/i.test(text);
  if (unreachable) {
    return new AppError('engine_unavailable', `${engine} does not answer`, {
      hint: 'Terrarium connects again by itself as soon as it is back',
      details: { reason: text },
      cause: error,
    });
  }
  if (typeof code === 'string' && NOT_TRUSTED.test(code)) {
    return new AppError('engine_unavailable', `The connection to ${engine} was not accepted: ${text}`, {
      hint: 'Check the address and the certificates (DOCKER_CERT_PATH, or the context’s)',
      details: { reason: text },
      cause: error,
    });
  }
  return new AppError('internal', `${engine} could not ${what}: ${text}`, { cause: error });
}

export function isGone(error: unknown): boolean {
  return isAppError(error, 'not_found') || statusOf(error) === 404;
}

/** Any throw, as the AppError that a report is made of. */
export function asAppError(error: unknown): AppError {
  return isAppError(error) ? error : new AppError('internal', error instanceof Error ? error.message : String(error));
}
