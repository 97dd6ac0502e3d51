import type { Guest } from '../run-wasi.ts';

/** Somebody's side of a console: the interpreter, in a thread of its own so that it can be interrupted. */
export interface Session {
  readonly banner: string;
  /** In front of a first line, and of those that continue it. */
  readonly prompts: readonly [first: string, more: string];
  /** Runs what was typed, unless it is not yet complete. */
  readonly push: (source: string) => 'more' | 'done' | Promise<'more' | 'done'>;
}

/** What both threads see: numbers at these places. */
export const cell = { interrupt: 0, columns: 1, rows: 2 } as const;
export const CELLS = 3;
/** What `interrupt` is set to by Ctrl+C: the number of SIGINT, as Pyodide takes it. */
export const INTERRUPT = 2;

export interface WorkerData extends Pick<Guest, 'job' | 'argv' | 'env'> {
  readonly shared: SharedArrayBuffer;
}

export type FromWorker =
  | { readonly type: 'ready'; readonly banner: string; readonly prompts: Session['prompts'] }
  /** Another place that Ctrl+C sets. */
  | { readonly type: 'interrupt'; readonly buffer: SharedArrayBuffer }
  | { readonly type: 'answer'; readonly answer: 'more' | 'done' }
  | { readonly type: 'exit'; readonly code: number };
