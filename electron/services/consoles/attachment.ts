import { CONSOLE_WINDOW, type ConsoleItem } from '../../../shared/contract/consoles.ts';
import { createPullStream, type PullStream } from '../../lib/pull-stream.ts';
import { createWindow } from './window.ts';

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

/** A page draws one item without looking at its keyboard, so an item is not to be long. */
const ITEM_CHARACTERS = 64 * 1024;

export function createAttachment(id: string, first: ConsoleItem, onEnd: () => void): Attachment {
  const items: ConsoleItem[] = [first];
  const window = createWindow(CONSOLE_WINDOW);
  const stream = createPullStream(() => items.shift(), onEnd);

  const send = (item: ConsoleItem) => {
    items.push(item);
    stream.wake();
  };

  return {
    id,
    stream,
    output(data) {
      window.sent(data.length);
      // Output that the stream has not taken yet is joined, so that a flood travels in few messages.
      const last = items.at(-1);
      if (last?.type !== 'output' || last.data.length + data.length > ITEM_CHARACTERS) {
        send({ type: 'output', data });
      } else {
        items[items.length - 1] = { type: 'output', data: last.data + data };
      }
    },
    send,
    end: stream.end,
    acknowledge: window.drawn,
    isFull: window.isFull,
  };
}
