import type { Root } from './runner/guest-paths.ts';

export const runtimeNames = ['wasi', 'quickjs', 'python'] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** What a runner is told to do, in its environment: arguments and environment of the guest come beside it. */
export interface Job {
  readonly runtime: RuntimeName;
  /** What the guest sees of this machine. */
  readonly roots: readonly Root[];
  readonly workdir: string;
  /** The file with the module: the guest itself or the interpreter that runs it. */
  readonly module: string;
  /** A copy of it that has the limits built in; null: they are built in by the runner. */
  readonly metered: string | null;
  /** Where the interpreter's other files are. */
  readonly library: string | null;
  /** A Python that has started already, to go on from; null: it starts from nothing. */
  readonly snapshot: string | null;
  /** Instead of a guest: to write such a Python, or the module with its limits in it, to `account`. */
  readonly makes: 'snapshot' | 'module' | null;
  readonly limits: { readonly fuel?: number | undefined; readonly memoryBytes?: number | undefined };
  /** Where the runner tells what was used, see `Account`; null: nowhere. */
  readonly account: string | null;
  /** Instead of a guest of its own: to answer a host's invocations, see `function/protocol.ts`. */
  readonly serves: boolean;
  /** Instead of beginning: to make ready, and to wait for an `Order` on descriptor 3. */
  readonly standby: boolean;
  /** Whether the runner kills itself at the guest's end, whose code is in the account: see `main.ts`. */
  readonly endsAtOnce: boolean;
  /** Whether somebody types: then an interpreter without a program reads lines and answers each. */
  readonly interactive: boolean;
}

/** Which program a runner that stands by is to be. */
export interface Order {
  /** The first is the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  /** As a job's. */
  readonly module: string;
}

/** Kept by a runner in a file while it runs, and read by the host. */
export interface Account {
  /** Null: it was not counted. */
  readonly fuelConsumed: number | null;
  /** Of the guest's own memory. */
  readonly memoryBytes: number;
  /** The limit that ended it. */
  readonly limit: 'fuel' | 'memoryBytes' | null;
  /** How the guest ended; null: it did not come to that. */
  readonly code: number | null;
}

export const JOB = 'TERRARIUM_JOB';
/** In front of what the guest has in its environment, so that none of it means anything to Node. */
export const GUEST_ENV = 'GUEST_';
