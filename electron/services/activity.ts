import { createTopic } from '../lib/topic.ts';

/** When somebody last did something in a sandbox: typed, or ran a command. */
export interface Activity {
  readonly touch: (sandboxId: string) => void;
  /** Milliseconds since the epoch; undefined when nothing was done since the host started. */
  readonly last: (sandboxId: string) => number | undefined;
  readonly forget: (sandboxId: string) => void;
  readonly onTouch: (listener: (sandboxId: string) => void) => () => void;
}

export function createActivity(): Activity {
  const times = new Map<string, number>();
  const touched = createTopic<string>();
  return {
    touch(sandboxId) {
      times.set(sandboxId, Date.now());
      touched.publish(sandboxId);
    },
    last: (sandboxId) => times.get(sandboxId),
    forget: (sandboxId) => void times.delete(sandboxId),
    onTouch: touched.subscribe,
  };
}
