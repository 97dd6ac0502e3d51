/** One word for a POSIX shell, whatever it holds. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Descriptors above 9 cannot be named in every shell, so these are the ones there are. */
export const descriptors = {
  seccomp: 3,
  memory: 4,
  processes: 5,
  /** Where PID 1 waits until its network is there. */
  gate: 6,
  /** Where PID 1 tells that it is there. */
  ready: 7,
  /** Where bwrap tells which process is PID 1. */
  info: 8,
  script: 9,
} as const;

export interface Redirection {
  readonly descriptor: number;
  readonly path: string;
  /** `both`: for a FIFO, so that opening it does not wait for the other end. */
  readonly mode: 'read' | 'write' | 'both';
}

const signs = { read: '<', write: '>', both: '<>' } as const;

/**
 * What runs outside, before anything is isolated: joins the cgroups in which it may be counted
 * itself, opens what is to be handed in, and becomes the program that isolates.
 */
export function outerScript(early: readonly string[], files: readonly Redirection[]): string {
  const joins = early.map((procs) => `echo 0 >${quote(procs)} || exit 125`);
  const opens = files.map(({ descriptor, path, mode }) => `${descriptor}${signs[mode]}${quote(path)}`);
  return [...joins, `exec ${opens.join(' ')}`, 'exec "$@"'].join('\n');
}

export interface InnerScript {
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors to write to, to be counted in the sandbox's cgroups from here on. */
  readonly late: readonly number[];
  /** PID 1: it tells that it is there, and outlives signals that are meant for the program. */
  readonly first: boolean;
  /** PID 1 waits for a line at the gate. */
  readonly waits: boolean;
}

/**
 * What runs inside, already isolated and filtered, before the program does. It is read from a
 * descriptor: arguments, and so the environment, would be shown to every user of this machine. Joining
 * the cgroup here and not outside keeps bwrap itself out of the sandbox's count. No variable of the
 * sandbox's is set before that: a library that it names must not run uncounted.
 */
export function innerScript({ env, late, first, waits }: InnerScript): string {
  const { ready, gate } = descriptors;
  const closing = Object.values(descriptors).map((descriptor) => `${descriptor}<&-`);
  return [
    ...late.map((descriptor) => `echo 0 >&${descriptor} || exit 125`),
    ...(first ? [`echo up >&${ready}`] : []),
    ...(waits ? [`read -r go <&${gate} || exit 125`] : []),
    `exec ${closing.join(' ')}`,
    // Shells set these by themselves.
    'unset OLDPWD PWD SHLVL _',
    ...Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`),
    // A trap that does something is undone in children; an ignored signal would not be.
    ...(first ? ['trap : TERM INT HUP', '"$@"', 'exit $?'] : ['exec "$@"']),
    '',
  ].join('\n');
}

/** The holder of a sandbox without a main program: it goes on when its sleep is killed. */
export const HOLDER = ['/bin/sh', '-c', 'while :; do sleep 2147483647; done'] as const;
