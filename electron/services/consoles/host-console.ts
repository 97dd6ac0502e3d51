import { StringDecoder } from 'node:string_decoder';
import { CONSOLE_REPLAY, type Console, type ConsoleItem } from '../../../shared/contract/consoles.ts';
import type { EngineConsole } from '../../engines/engine.ts';
import { newId } from '../../lib/id.ts';
import type { PullStream } from '../../lib/pull-stream.ts';
import { type Attachment, createAttachment } from './attachment.ts';
import { createReplay } from './replay.ts';

/**
 * Output is gathered this long before it is sent, so that a flood of small reads becomes few
 * messages; too short to be felt while typing (VS Code uses 5 ms too).
 */
const GATHER_MS = 5;
/**
 * As many go at once: in 5 ms a flood would bring more than a slow page draws in half a second. Not
 * more, because V8 keeps longer strings apart and lets the host grow by tens of MB before it frees them.
 */
const GATHER_CHARACTERS = 48 * 1024;

/** A terminal that belongs to the host: it lives on when its page is reloaded or its connection lost. */
export interface HostConsole {
  readonly info: () => Console;
  readonly attach: () => PullStream<ConsoleItem>;
  readonly acknowledge: (attachment: string, characters: number) => void;
  readonly write: (data: string) => void;
  readonly resize: (cols: number, rows: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function createHostConsole(
  sandboxId: string,
  size: { cols: number; rows: number },
  terminal: EngineConsole,
): HostConsole {
  let info: Console = {
    id: newId('con'),
    sandboxId,
    title: terminal.title,
    ...size,
    createdAt: Date.now(),
    exit: null,
  };
  const decoder = new StringDecoder('utf8');
  const replay = createReplay(CONSOLE_REPLAY);
  const attachments = new Map<string, Attachment>();
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  let paused = false;

  function regulate(): void {
    const full = attachments.values().some((attachment) => attachment.isFull());
    if (full === paused) return;
    paused = full;
    if (full) terminal.pause();
    else terminal.resume();
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered === '') return;
    const data = gathered;
    gathered = '';
    replay.append(data);
    for (const attachment of attachments.values()) attachment.output(data);
    regulate();
  }

  terminal.onOutput((chunk) => {
    gathered += decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (gathered.length >= GATHER_CHARACTERS) flush();
    else timer ??= setTimeout(flush, GATHER_MS);
  });

  const exited = terminal.exited.then((exit) => {
    gathered += decoder.end();
    flush();
    info = { ...info, exit };
    for (const attachment of attachments.values()) {
      attachment.send({ type: 'exited', exit });
      attachment.end();
    }
  });

  return {
    info: () => info,
    attach() {
      flush();
      const id = newId('att');
      const first: ConsoleItem = { type: 'attached', attachment: id, replay: replay.text(), console: info };
      const attachment = createAttachment(id, first, () => {
        attachments.delete(id);
        regulate();
      });
      attachments.set(id, attachment);
      if (info.exit) {
        attachment.send({ type: 'exited', exit: info.exit });
        attachment.end();
      }
      return attachment.stream;
    },
    acknowledge(attachment, characters) {
      attachments.get(attachment)?.acknowledge(characters);
      regulate();
    },
    write(data) {
      if (!info.exit) terminal.write(data);
    },
    async resize(cols, rows) {
      if (info.exit || (info.cols === cols && info.rows === rows)) return;
      info = { ...info, cols, rows };
      await terminal.resize(cols, rows);
      for (const attachment of attachments.values()) attachment.send({ type: 'resized', cols, rows });
    },
    async close() {
      // A paused terminal would never come to its end.
      if (paused) terminal.resume();
      await terminal.kill();
      await exited;
    },
  };
}
