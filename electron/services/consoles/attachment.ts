import { CONSOLE_WINDOW, type ConsoleItem } from '../../../shared/contract/consoles.ts';
import { createPullStream, type PullStream } from '../../lib/pull-stream.ts';

/** One reader of a console, with what is on its way to it. */
export interface Attachment {
  readonly id: string;
  readonly stream: PullStream<ConsoleItem>;
  readonly output: (data: string) => void;
  readonly send: (item: ConsoleItem) => void;
  readonly end: () => void;
  readonly acknowledge: (characters: number) => void;
  /** Whether the reader has as much as it may have without saying that it drew it. */
  readonly isFull: () => boolean;
}

export function createAttachment(id: string, first: ConsoleItem, onEnd: () => void): Attachment {
  const items: ConsoleItem[] = [first];
  // Output that the stream has not taken yet is joined, so that a flood travels in few messages.
  let waiting: string[] = [];
  let unacknowledged = 0;

  const flush = () => {
    if (waiting.length === 0) return;
    items.push({ type: 'output', data: waiting.join('') });
    waiting = [];
  };
  const take = () => {
    if (items.length === 0) flush();
    return items.shift();
  };
  const stream = createPullStream(take, onEnd);

  return {
    id,
    stream,
    output(data) {
      waiting.push(data);
      unacknowledged += data.length;
      stream.wake();
    },
    send(item) {
      flush();
      items.push(item);
      stream.wake();
    },
    end: stream.end,
    acknowledge(characters) {
      unacknowledged = Math.max(0, unacknowledged - characters);
    },
    isFull: () => unacknowledged > CONSOLE_WINDOW,
  };
}
