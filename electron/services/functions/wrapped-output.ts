import { StringDecoder } from 'node:string_decoder';
import type { Invocation } from '../../engines/engine.ts';
import { LOGS_MAX } from './instance.ts';

export interface WrappedOutput {
  /** Takes output as it comes. False when there is more than may be: the command is to be ended. */
  readonly take: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => boolean;
  /** What came after the marker, or all of standard output where there is none; null when the marker did not come. */
  readonly answer: () => Buffer | null;
  readonly logs: () => Pick<Invocation, 'logs' | 'truncated'>;
}

/** Tells what a function wrote from what its wrapper did. Keeps at most `most` bytes of the wrapper's. */
export function createWrappedOutput(marker: string | null, most: number): WrappedOutput {
  // Not a line's end before it: that would be held back from each line.
  const line = marker === null ? null : Buffer.from(`\x1e${marker}\n`);
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  const logs: { stream: 'stdout' | 'stderr'; text: string }[] = [];
  const answer: Buffer[] = [];
  let answerBytes = 0;
  let room = LOGS_MAX;
  let isCut = false;
  /** The end of what came before the marker, which may be the marker's beginning. */
  let pending = Buffer.alloc(0);
  let isAfter = line === null;

  function log(stream: 'stdout' | 'stderr', bytes: Buffer, isLast = false): void {
    const all = decoders[stream].write(bytes) + (isLast ? decoders[stream].end() : '');
    if (all === '') return;
    const text = all.slice(0, room);
    isCut ||= text.length < all.length;
    room -= text.length;
    if (text === '') return;
    const last = logs.at(-1);
    if (last?.stream === stream) logs[logs.length - 1] = { stream, text: last.text + text };
    else logs.push({ stream, text });
  }

  return {
    take(stream, chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (stream === 'stderr') {
        log('stderr', bytes);
        return true;
      }
      let rest = bytes;
      if (!isAfter && line !== null) {
        const both = Buffer.concat([pending, bytes]);
        const found = both.indexOf(line);
        const before = found < 0 ? both.length - beginning(both, line) : found;
        log('stdout', both.subarray(0, before), found >= 0);
        pending = Buffer.from(both.subarray(before));
        if (found < 0) return true;
        isAfter = true;
        rest = Buffer.from(both.subarray(found + line.length));
      }
      answer.push(Buffer.from(rest));
      answerBytes += rest.length;
      return answerBytes <= most;
    },
    answer: () => (isAfter ? Buffer.concat(answer) : null),
    logs() {
      if (!isAfter) log('stdout', pending, true);
      log('stderr', Buffer.alloc(0), true);
      return { logs, truncated: isCut };
    },
  };
}

/** Bytes at the end of `bytes` with which `line` begins. */
function beginning(bytes: Buffer, line: Buffer): number {
  for (let size = Math.min(bytes.length, line.length - 1); size > 0; size -= 1) {
    if (bytes.subarray(bytes.length - size).equals(line.subarray(0, size))) return size;
  }
  return 0;
}
