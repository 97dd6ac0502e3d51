import type { Applied, ChangeList, ChangeText } from '../../shared/contract/changes.ts';
import type { CommandSignal } from '../../shared/contract/executions.ts';
import type { FileEntry } from '../../shared/contract/files.ts';
import type { Image, PullItem } from '../../shared/contract/images.ts';
import type { LogLine } from '../../shared/contract/logs.ts';
import type { ModuleInfo } from '../../shared/contract/modules.ts';
import type { PackageListing, PackageProvider } from '../../shared/contract/packages.ts';
import type { EngineReport } from '../../shared/model/engine.ts';
import type { Limits } from '../../shared/model/limits.ts';
import type { Counters } from '../../shared/model/sample.ts';
import type { Exit, PortBinding, SandboxId, SandboxState } from '../../shared/model/sandbox.ts';
import type { EngineKind, SandboxSpec } from '../../shared/model/spec.ts';
import type { ReadOptions } from '../lib/files/read-file.ts';

/** The engine's own name of one object (a container id …). It never leaves the host. */
export type EngineRef = string;

/** One object of an engine, as the engine itself tells it: the truth that the store is joined with. */
export interface EngineObject {
  readonly ref: EngineRef;
  /** Ours: the sandbox's id and the rebuild it belongs to, from the object's labels. Null: foreign. */
  readonly owned: { readonly id: SandboxId; readonly generation: number; readonly spec: SandboxSpec } | null;
  /** The engine's name for it, e.g. the container's. */
  readonly name: string;
  /** The image or folder, for showing. */
  readonly source: string;
  readonly state: Extract<SandboxState, 'ready' | 'running' | 'paused' | 'stopped'>;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
  /** How the main program ended, when it has. */
  readonly exit: Exit | null;
  readonly ports: readonly PortBinding[];
  readonly workspace: string | null;
}

export interface CreateRequest {
  readonly id: SandboxId;
  /** Rises with every rebuild; goes into the object's labels. */
  readonly generation: number;
  readonly spec: SandboxSpec;
  /**
   * A folder for this sandbox alone, already there: `<state folder>/sandboxes/<id>`. The engine puts the workspace (and what else it
   * keeps) below it; the host deletes it after `destroy`.
   */
  readonly directory: string;
  /** Where published ports without a `hostPort` are taken from, both ends included. */
  readonly portRange: { readonly first: number; readonly last: number };
}

export interface Task {
  /** Aborted when nobody wants the result any more. The engine then stops the work and undoes it. */
  readonly signal: AbortSignal;
  /** One short sentence about what is going on. */
  readonly progress: (message: string) => void;
}

/** Something in the engine has changed by whoever's hand. */
export type EngineChange =
  | { readonly type: 'changed'; readonly object: EngineObject }
  | { readonly type: 'removed'; readonly ref: EngineRef }
  /** A limit was hit; the state change, if any, follows by itself. */
  | { readonly type: 'limit'; readonly ref: EngineRef; readonly limit: keyof Limits };

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The spec's working directory, or the workspace, when undefined. */
  readonly workdir?: string | undefined;
  /** Given to the command, no faster than it reads; its standard input ends after it. Empty input when undefined. */
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

/** A command under way. */
export interface ExecControl {
  /**
   * As a terminal's Ctrl+C does: to the command's process group, so also to what it started, unless that has made a group
   * of its own. False when the command is over. `unsupported` where nothing can reach it, `denied` where it is another user's.
   */
  readonly signal: (name: CommandSignal) => Promise<boolean>;
}

export interface ExecIo {
  /**
   * Aborted on timeout or cancel: the command and all that it started are killed, and the exec
   * rejects with the signal's reason.
   */
  readonly signal: AbortSignal;
  /**
   * Receives output as it comes. While a returned promise is pending, no more is read, so a slow
   * reader slows the command down.
   */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>;
  /** Once, when the command was started. Only where the capability `execSignals` is there. */
  readonly onStarted?: (control: ExecControl) => void;
}

export interface ConsoleRequest {
  /** The engine's default shell when undefined. */
  readonly argv?: readonly string[] | undefined;
  readonly cols: number;
  readonly rows: number;
}

/** A program on a terminal of its own. Owned by the host's console service. */
export interface EngineConsole {
  /** The program, for a tab's title, e.g. `bash`. */
  readonly title: string;
  /** Set once, before anything else. Chunks come in order. */
  readonly onOutput: (listener: (chunk: Uint8Array) => void) => void;
  readonly write: (data: string) => void;
  /** A no-op once the program has ended. */
  readonly resize: (cols: number, rows: number) => Promise<void>;
  /** Stops and restarts reading from the terminal, which stops the program when its buffer is full. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Kills the program and all that it started. Idempotent; `exited` resolves after it. */
  readonly kill: () => Promise<void>;
  /** Resolves after the last output was given to the listener. Never rejects. */
  readonly exited: Promise<Exit>;
}

export interface ImageStore {
  readonly list: () => Promise<readonly Image[]>;
  /** Ends with `done`; an abort cancels the pull. */
  readonly pull: (reference: string, signal: AbortSignal) => AsyncIterable<PullItem>;
}

/**
 * Packages of a sandbox in any state. What changes them is one at a time for each sandbox: `conflict`
 * while another is under way. An error that a package is to blame for names it in `details.package`.
 */
export interface PackageStore {
  readonly provider: PackageProvider;
  /** Whether it may work on this sandbox at all; when missing it may. */
  readonly serves?: (ref: EngineRef) => Promise<boolean>;
  readonly list: (ref: EngineRef) => Promise<PackageListing>;
  /** `fromFile`: also what the workspace's requirements file names. Progress is a line of the provider's output. */
  readonly install: (
    ref: EngineRef,
    what: { readonly requirements: readonly string[]; readonly fromFile: boolean },
    task: Task,
  ) => Promise<void>;
  readonly upgrade: (ref: EngineRef, names: readonly string[], task: Task) => Promise<void>;
  readonly uninstall: (ref: EngineRef, names: readonly string[], task: Task) => Promise<void>;
  readonly freeze: (ref: EngineRef) => Promise<string>;
  /** All that can be installed, the newest first. */
  readonly versions: (ref: EngineRef, name: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Makes what the packages live in again and keeps the list of them. */
  readonly repair?: (ref: EngineRef, task: Task) => Promise<void>;
}

/** A sandbox's memory and processes as they were. Its workspace's files are not in it. */
export interface Snapshot {
  readonly name: string;
  /** Milliseconds since 1970; null when the engine does not tell. */
  readonly createdAt: number | null;
}

/** Saved states of sandboxes, kept by the engine with each object until it is destroyed. */
export interface SnapshotStore {
  /**
   * Saves a running sandbox, which then goes on. `conflict` when it does not run, when the name is taken,
   * while a console or a command is open in it, or where what goes on from a snapshot (`create` included)
   * cannot be saved before it was started afresh. `unsupported` where the capability `snapshots` is not.
   */
  readonly create: (ref: EngineRef, name: string, signal: AbortSignal) => Promise<void>;
  readonly list: (ref: EngineRef) => Promise<readonly Snapshot[]>;
  /** Goes back to it, from running, paused or stopped; what runs now is lost. `not_found` when there is none. */
  readonly restore: (ref: EngineRef, name: string, signal: AbortSignal) => Promise<EngineObject>;
  /**
   * Another sandbox that goes on from it, with a copy of the workspace as it is now. The request's spec is
   * the saved one's, but for its name. Leaves nothing behind when it fails.
   */
  readonly clone: (ref: EngineRef, name: string, request: CreateRequest, task: Task) => Promise<EngineObject>;
  readonly remove: (ref: EngineRef, name: string) => Promise<void>;
}

/**
 * Writes of a sandbox that are kept apart from its workspace (`filesystem.overlay`). `unsupported` for a sandbox that
 * writes to the workspace itself. Paths are those of the contract.
 */
export interface ChangeStore {
  /** In any state. Bounded, see `truncated`. */
  readonly list: (ref: EngineRef) => Promise<ChangeList>;
  /** One file before and after; in any state. */
  readonly read: (ref: EngineRef, path: string) => Promise<ChangeText>;
  /**
   * Writes changes to the workspace, each file at once, and takes them out of what is kept apart; all when
   * `paths` is undefined. What fails stays. `conflict` when the sandbox runs or is paused. An abort rejects with
   * the signal's reason, and what was applied until then stays so.
   */
  readonly apply: (ref: EngineRef, paths: readonly string[] | undefined, signal: AbortSignal) => Promise<Applied>;
  /** Throws changes away. `conflict` when the sandbox runs or is paused. */
  readonly discard: (ref: EngineRef, paths: readonly string[] | undefined) => Promise<void>;
}

export type Bytes = AsyncIterable<Uint8Array>;

/**
 * Files as a sandbox sees them, in any state. Paths are the sandbox's own, absolute or from its working directory on; links
 * lead nowhere but inside. `denied` for what cannot be reached, `conflict` for what is no file or folder where one is needed:
 * nothing is waited for. Bytes are never all in memory.
 */
export interface FileStore {
  /** What is there; of a link, the link itself. */
  readonly stat: (ref: EngineRef, path: string) => Promise<FileEntry>;
  /** In batches, in no order. */
  readonly list: (ref: EngineRef, path: string, signal: AbortSignal) => AsyncIterable<readonly FileEntry[]>;
  readonly read: (ref: EngineRef, path: string, options: ReadOptions) => Bytes;
  /** Makes its folder. What is there is replaced when all has come; of one that fails nothing is left there. */
  readonly write: (
    ref: EngineRef,
    path: string,
    bytes: Bytes,
    options: { readonly mode?: number | undefined; readonly signal: AbortSignal },
  ) => Promise<void>;
  /** With those that it lies in. Does nothing where there is one. */
  readonly makeFolder: (ref: EngineRef, path: string) => Promise<void>;
  /** `conflict` for a folder that is not empty, unless `recursive`. */
  readonly remove: (
    ref: EngineRef,
    path: string,
    options: { readonly recursive: boolean; readonly signal: AbortSignal },
  ) => Promise<void>;
  /** As rename(2) does. */
  readonly rename: (ref: EngineRef, from: string, to: string) => Promise<void>;
  /** A file or a folder with all that is in it, as a tar archive whose entries begin with the last step of the path. */
  readonly readTree: (ref: EngineRef, path: string, signal: AbortSignal) => Bytes;
  /** Unpacks a tar archive into a folder, which is made. What came before an error stays. */
  readonly writeTree: (ref: EngineRef, path: string, tar: Bytes, signal: AbortSignal) => Promise<void>;
}

/** Modules as they are, before anything of them runs. */
export interface ModuleReader {
  /** Of a file of this machine. `invalid_input` when it is no module that could be read. */
  readonly inspect: (path: string) => Promise<ModuleInfo>;
  /** Of a sandbox; null when it was not made from a module. */
  readonly of: (ref: EngineRef) => Promise<ModuleInfo | null>;
}

/** What an engine loads to answer invocations: code of one version of a function. */
export interface FunctionRequest {
  /** One of the engine's runtimes; its first one when undefined. */
  readonly runtime?: string | undefined;
  /** Its text, or a module's file on this machine. */
  readonly source:
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'module'; readonly path: string };
  /** What the code calls the function that takes a payload. */
  readonly handler: string;
  readonly env: Readonly<Record<string, string>>;
  /** `memoryBytes` of an instance, `fuel` of one invocation; others are `unsupported`. */
  readonly limits: Limits;
  /** Whether an invocation finds what an earlier one left in variables. Else each begins with the code as it was loaded. */
  readonly keepState: boolean;
}

/** How one invocation ended, and what it took. */
export interface Invocation {
  readonly outcome: /** `result` is JSON. */
    | { readonly type: 'returned'; readonly result: string }
    /** The handler's own error, or one of the code around it. */
    | { readonly type: 'threw'; readonly name: string; readonly message: string; readonly stack: string }
    | { readonly type: 'limit'; readonly limit: keyof Limits };
  /** What it wrote, in order; bounded, and `truncated` when there was more. */
  readonly logs: readonly { readonly stream: 'stdout' | 'stderr'; readonly text: string }[];
  readonly truncated: boolean;
  /** Of the call itself: no queue, no start. */
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number | null;
  readonly fuelConsumed: number | null;
}

/** Code that is loaded and waits for payloads, in a process of its own. */
export interface FunctionInstance {
  readonly pid: number;
  /**
   * One at a time. `payload` is JSON. Aborted, it rejects with the signal's reason and the instance is at its end, as it
   * is after a limit; `internal` when it ended otherwise.
   */
  readonly invoke: (payload: string, signal: AbortSignal) => Promise<Invocation>;
  /** Resolves when it can answer no more. Never rejects. */
  readonly ended: Promise<void>;
  /** Kills it. Idempotent. */
  readonly close: () => Promise<void>;
}

/** Instances of functions. None outlives its host. */
export interface FunctionStore {
  /** Throws `invalid_input` with the code's own error where it cannot be loaded, and `unsupported` for a limit that is not held. */
  readonly open: (request: FunctionRequest, signal: AbortSignal) => Promise<FunctionInstance>;
}

/**
 * What makes sandboxes of one kind. Every method throws AppError only; `engine_unavailable` when
 * the engine does not answer, `not_found` when the object is gone. Nothing here keeps a list: the
 * engine itself (its objects and their labels) is asked each time.
 */
export interface Engine {
  readonly kind: EngineKind;
  /** The ref of an object is its sandbox's id: `destroy` finds what is left of one that is listed no more. */
  readonly refIsId?: true;
  /** Finds out what works on this machine, now. Never throws: "missing" is a result. */
  readonly probe: () => Promise<EngineReport>;
  /** All objects, ours and foreign. */
  readonly list: () => Promise<readonly EngineObject[]>;
  readonly inspect: (ref: EngineRef) => Promise<EngineObject>;
  /** The engine's own description, for reading. JSON. */
  readonly inspectRaw: (ref: EngineRef) => Promise<unknown>;
  /**
   * Changes from now on. `onReady` is called when the subscription stands, so that a list taken
   * after it misses nothing. Throws `engine_unavailable` when the connection breaks.
   */
  readonly watch: (signal: AbortSignal, onReady: () => void) => AsyncIterable<EngineChange>;

  /** Makes the object with labels, not started. Leaves nothing behind when it fails. */
  readonly create: (request: CreateRequest, task: Task) => Promise<EngineObject>;
  readonly start: (ref: EngineRef) => Promise<EngineObject>;
  /** Ends the main program gracefully, then everything that is left by force. Idempotent. */
  readonly stop: (ref: EngineRef, graceMs: number) => Promise<EngineObject>;
  readonly pause: (ref: EngineRef) => Promise<EngineObject>;
  readonly resume: (ref: EngineRef) => Promise<EngineObject>;
  readonly updateLimits: (ref: EngineRef, limits: Limits) => Promise<void>;
  /** Removes the object and every process in it, from any state. Idempotent. */
  readonly destroy: (ref: EngineRef) => Promise<void>;

  /** Runs a command to its end. A non-zero exit is a result, not an error. */
  readonly exec: (ref: EngineRef, request: ExecRequest, io: ExecIo) => Promise<Exit>;
  readonly openConsole: (ref: EngineRef, request: ConsoleRequest) => Promise<EngineConsole>;
  /** Counters of several objects in one go; objects that are gone or not running are left out. */
  readonly sample: (refs: readonly EngineRef[]) => Promise<ReadonlyMap<EngineRef, Counters>>;
  /** Output of the main program, batched: the last `tail` lines, then what comes when `follow`. */
  readonly logs: (
    ref: EngineRef,
    options: {
      /** Infinity: all that there are. */
      readonly tail: number;
      /** Milliseconds since the epoch; only what was written from then on. Only where the capability `logTimes` is there. */
      readonly since?: number | undefined;
      readonly follow: boolean;
      readonly signal: AbortSignal;
    },
  ) => AsyncIterable<readonly LogLine[]>;
  /**
   * Bytes that the main program has written to stdout and stderr since its start, whenever there are more;
   * ends with it, or when the signal is aborted. The host holds the limit `outputBytes` by it.
   */
  readonly outputBytes?: (ref: EngineRef, signal: AbortSignal) => AsyncIterable<number>;
  /** Only where the capability `images` is there. */
  readonly images?: ImageStore;
  /** Only where the capability `snapshots` may be there. */
  readonly snapshots?: SnapshotStore;
  /** Only where the capability `overlay` may be there. */
  readonly changes?: ChangeStore;
  /** Only where the capability `files` may be there. */
  readonly files?: FileStore;
  /** Where functions can be kept warm; elsewhere each invocation is a command in a sandbox. */
  readonly functions?: FunctionStore;
  /** Only where `module` is a source. */
  readonly modules?: ModuleReader;
  /** Only where the capability `packages` is there. */
  readonly packages?: readonly PackageStore[];
  /** Lets go of connections and timers. Sandboxes go on. */
  readonly dispose: () => Promise<void>;
}
