import type { Streams } from '../standard-streams.ts';
import { type Answer, MOST_LOG_ENTRIES, MOST_LOGS } from './protocol.ts';

/** What one invocation reads and writes, without any stream of this process. */
export interface Capture {
  readonly streams: Streams;
  /** Forgets what was written, and gives this to read. */
  readonly begin: (input?: Uint8Array) => void;
  readonly logs: () => Pick<Answer, 'logs' | 'truncated'>;
}

/** `onOutput`: takes what goes to stdout, when that is no log. */
export function createCapture(onOutput?: (bytes: Uint8Array) => void): Capture {
  let input: Uint8Array = new Uint8Array();
  let written: { readonly stream: 'stdout' | 'stderr'; readonly parts: Buffer[] }[] = [];
  let room = MOST_LOGS;
  let truncated = false;
  return {
    streams: {
      read(into) {
        const taken = input.subarray(0, into.length);
        into.set(taken);
        input = input.subarray(taken.length);
        return taken.length;
      },
      write(fd, bytes) {
        if (fd === 1 && onOutput) {
          onOutput(bytes);
          return;
        }
        if (bytes.length > room) truncated = true;
        const kept = Buffer.from(bytes.subarray(0, room));
        if (kept.length === 0) return;
        const stream = fd === 2 ? 'stderr' : 'stdout';
        const last = written.at(-1);
        if (last?.stream !== stream && written.length >= MOST_LOG_ENTRIES) {
          truncated = true;
          return;
        }
        room -= kept.length;
        if (last?.stream === stream) last.parts.push(kept);
        else written.push({ stream, parts: [kept] });
      },
      isTerminal: () => false,
    },
    begin(next = new Uint8Array()) {
      input = next;
      written = [];
      room = MOST_LOGS;
      truncated = false;
    },
    logs: () => ({
      logs: written.map(({ stream, parts }) => ({ stream, text: Buffer.concat(parts).toString() })),
      truncated,
    }),
  };
}
