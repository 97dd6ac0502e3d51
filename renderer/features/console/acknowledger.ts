const BATCH = 64 * 1024;
const IDLE_MS = 50;

/** Counts what the terminal has drawn and tells the host in batches, at the latest when it is quiet. */
export interface Acknowledger {
  readonly drawn: (characters: number) => void;
  readonly dispose: () => void;
}

export function createAcknowledger(send: (characters: number) => void): Acknowledger {
  let unsent = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (unsent === 0) return;
    const characters = unsent;
    unsent = 0;
    send(characters);
  }

  return {
    drawn: (characters) => {
      unsent += characters;
      if (unsent >= BATCH) flush();
      else timer ??= setTimeout(flush, IDLE_MS);
    },
    dispose: () => clearTimeout(timer),
  };
}
