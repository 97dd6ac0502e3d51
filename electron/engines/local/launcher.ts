import type { LimitName, Limits } from '../../../shared/model/limits.ts';
import type { Counters } from '../../../shared/model/sample.ts';
import type { Exit } from '../../../shared/model/sandbox.ts';
import type { TreeRoot } from '../../lib/files/place.ts';
import type { Proc, ProcMark, ProcScan } from '../../lib/proc.ts';
import type { Task } from '../engine.ts';
import type { Environment } from './environment.ts';
import type { Manifest, SandboxPaths } from './manifest.ts';

/** What is known of a sandbox by its id alone, also when its manifest is lost. */
export interface SandboxPlace {
  readonly id: Manifest['id'];
  readonly paths: SandboxPaths;
}

export interface LocalSandbox extends SandboxPlace {
  /** `main` is the main program's or the holder's wrapper once that runs: a shell with the launched argv as its child. */
  readonly manifest: Manifest;
}

/** Why a program is started. A `holder` is the stand-in for a main program, see `Launcher.holder`. */
export type ProgramRole = 'main' | 'holder' | 'exec' | 'console';

/** A program as it was asked for, in the sandbox's own terms. */
export interface Program {
  readonly role: ProgramRole;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly workdir: string;
  readonly mark: ProcMark;
}

/** What is really spawned on this machine. The mark, the rlimits and the wrapper of a main program go in front of it. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What a sandbox sees of this machine's files, held open while it is used. */
export interface FileView extends AsyncDisposable {
  readonly roots: readonly TreeRoot[];
  /** Where paths begin that are not absolute. */
  readonly workdir: string;
}

/** A process that is started before anybody asks for a command, and becomes the one that is asked for. */
export interface Standby {
  readonly launch: Launch;
  /** What it is told on its descriptor 3, to be this program of the sandbox as it is now; null: it cannot be that one. */
  readonly order: (sandbox: LocalSandbox, program: Program) => Promise<Uint8Array | null>;
}

/**
 * How one kind of local sandbox runs its programs. Every member may be missing: then a program is
 * started as it is, a plain process of this machine.
 *
 * Whatever a launcher spawns must stay among the marked processes or their descendants, so that it is
 * found, counted and killed: RLIMIT_MSGQUEUE must be inherited, see `createLinuxProcTable`.
 */
export interface Launcher {
  /** Once, at creation, after the workspace is there. When it throws, `remove` is called. */
  readonly create?: (sandbox: LocalSandbox, task: Task) => Promise<void>;
  /** Before the first program of every start. When it throws, `ended` is called. */
  readonly start?: (sandbox: LocalSandbox) => Promise<void>;
  /**
   * After the main program's or the holder's wrapper was started (`manifest.main` is set): resolves when the
   * sandbox stands. When it throws, all is killed and `ended` is called.
   */
  readonly started?: (sandbox: LocalSandbox) => Promise<void>;
  /**
   * After the last process was killed: stopped, ended by itself, or about to be removed. Idempotent. Left out where
   * another host has started the sandbox again meanwhile.
   */
  readonly ended?: (place: SandboxPlace) => Promise<void>;
  /** At destroy, where `ended` may have been left out. Idempotent. */
  readonly remove?: (place: SandboxPlace) => Promise<void>;

  /** What must run so that a sandbox without a main program exists at all (the holder of namespaces). It is the last to be ended. */
  readonly holder?: (sandbox: LocalSandbox) => readonly string[] | undefined;
  /** Changes the environment that was built of the whitelist, the spec's and the exec's. */
  readonly environment?: (sandbox: LocalSandbox, env: Environment) => Environment;
  /**
   * Throws `invalid_input` unless the working directory can be entered and the program exists, and
   * gives the program's absolute path. Looks at this machine when missing.
   */
  readonly locate?: (sandbox: LocalSandbox, program: Program) => Promise<string>;
  /** The default: `{ argv, env, cwd: workdir }`. For a main program, `argv[0]` is what `locate` gave. */
  readonly launch?: (sandbox: LocalSandbox, program: Program) => Promise<Launch | undefined> | Launch | undefined;
  /** Where starting takes long: what a sandbox that is in use keeps ready for its next command. `mark`: what that will carry. */
  readonly standby?: (sandbox: LocalSandbox, mark: ProcMark) => Promise<Standby>;
  /** What a console runs when nothing is asked for, and what every console has in its environment. */
  readonly shell?: (sandbox: LocalSandbox) => {
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };

  /** In any state. `whileStopped`: see `LocalEngine`. The workspace at its own path when missing. */
  readonly view?: (
    sandbox: LocalSandbox,
    whileStopped: <T>(work: (sandbox: LocalSandbox) => Promise<T>) => Promise<T>,
  ) => Promise<FileView>;

  /** Those of the limits that are put on each program as rlimits: all when missing. */
  readonly rlimits?: (limits: Limits, sandbox: LocalSandbox) => Limits;
  /** What an exit means: the limit that caused it, a signal that was reported as a code. `nameLimit` when missing. Never throws. */
  readonly explainExit?: (
    sandbox: LocalSandbox,
    exit: Exit,
    role: ProgramRole,
    /** Its mark's, 0 of a main program. */
    part: number,
  ) => Promise<Exit> | Exit;
  /**
   * Stops and goes on by other means than SIGSTOP and SIGCONT; false: it has none for this sandbox. `resume`
   * is also called before a sandbox is killed; it does nothing for one that is not paused.
   */
  readonly pause?: (place: SandboxPlace) => Promise<undefined | false>;
  readonly resume?: (place: SandboxPlace) => Promise<undefined | false>;
  /**
   * Whether a process only carries a program into the sandbox, from outside. A stop spares those when it
   * asks programs to end: else they would be gone, and the program with them, before it could say goodbye.
   */
  readonly isCarrier?: (pid: number, sandbox: LocalSandbox) => boolean;
  /**
   * Asks all programs to end by other means than signals to processes of this machine, and waits for what of them
   * this machine does not see, until `deadline` (of `performance.now()`) at most. `members`: what it sees.
   */
  readonly askToEnd?: (sandbox: LocalSandbox, members: readonly Proc[], deadline: number) => Promise<undefined | false>;
  /** Signals to the process that runs a program are none to the program. */
  readonly takesSignals?: false;
  /**
   * Sends one exec's process group a signal, where that is not among this machine's processes; undefined: it is. False when
   * the exec is over.
   */
  readonly signalProgram?: (place: SandboxPlace, part: number, signal: NodeJS.Signals) => Promise<boolean | undefined>;
  /** Kills one exec or console with all that it started, where that is not among this machine's processes. */
  readonly endProgram?: (place: SandboxPlace, part: number) => Promise<void>;
  /** How often each limit was hit since the start, also where the sandbox went on. */
  readonly strikes?: (sandbox: LocalSandbox) => Promise<Readonly<Partial<Record<LimitName, number>>>>;
  /** Counters of a live sandbox; null: add up its processes instead. `scan`: the processes of this machine, looked at once for all sandboxes. */
  readonly sample?: (sandbox: LocalSandbox, scan: () => ProcScan) => Promise<Counters | null>;
  /** What only this kind counts, beside what its processes use. */
  readonly sampleOwn?: (
    sandbox: LocalSandbox,
    scan: () => ProcScan,
  ) => Promise<Pick<Counters, 'fuelConsumed' | 'linearMemoryBytes'>>;
  /** Changes limits of a sandbox, live or not, but for those that the host holds; refused when missing. The spec in the manifest is updated by the caller. */
  readonly updateLimits?: (sandbox: LocalSandbox, limits: Limits) => Promise<void>;
}

/** Limits without some of them. */
export function withoutLimits(limits: Limits, names: readonly LimitName[]): Limits {
  return Object.fromEntries(Object.entries(limits).filter(([name]) => !names.includes(name as LimitName)));
}
