/** What a host and a runner that serves it tell each other: each message is its length in bytes (u32, little-endian), then JSON. */
export type ToRunner =
  | {
      /** Comes first, and once. */
      readonly type: 'load';
      /** Null: the job's module is the code. */
      readonly source: string | null;
      readonly handler: string;
      readonly env: Readonly<Record<string, string>>;
      readonly keepState: boolean;
    }
  | { readonly type: 'invoke'; readonly payload: string };

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** After a limit, nothing more comes. */
export type Ending =
  | { readonly type: 'returned'; readonly result: string }
  | ({ readonly type: 'threw' } & Failure)
  | { readonly type: 'limit'; readonly limit: 'fuel' | 'memoryBytes' };

/** The shape of the engine's `Invocation`. */
export interface Answer {
  readonly outcome: Ending;
  readonly logs: readonly { readonly stream: 'stdout' | 'stderr'; readonly text: string }[];
  readonly truncated: boolean;
  readonly durationMs: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number | null;
  readonly fuelConsumed: number | null;
}

export type FromRunner =
  | { readonly type: 'loaded' }
  | { readonly type: 'refused'; readonly outcome: Exclude<Ending, { readonly type: 'returned' }> }
  | { readonly type: 'answer'; readonly answer: Answer };

/** Of the runner: messages both ways, and a pipe that nothing comes through, which ends with the host. */
export const CHANNEL_FD = 3;
export const LIFELINE_FD = 4;

/** Bytes of a result, and of all logs of an invocation. */
export const MOST_RESULT = 1024 * 1024;
export const MOST_LOGS = 256 * 1024;
/** How often what is logged may go from one stream to the other. */
export const MOST_LOG_ENTRIES = 4096;
/** Characters of a failure that are told, as the history keeps them. */
export const MOST_MESSAGE_TEXT = 8 * 1024;
export const MOST_STACK_TEXT = 16 * 1024;

/** What tells the thread of the lifeline that it is that. */
export const LIFELINE = 'lifeline';
