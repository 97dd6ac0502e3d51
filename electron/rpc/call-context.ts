/** What comes with a call beside its input. */
export interface CallContext {
  /** Of the caller's choosing: the same key asks for the same thing again, see `createAndWait`. */
  readonly idempotencyKey?: string | undefined;
}
