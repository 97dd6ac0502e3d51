import type { Terminal } from '@xterm/xterm';

/** More than this at once is a flood; less is typing and its echo, which is drawn without delay. */
const FLOOD = 16 * 1024;
/**
 * A flood is gathered for this long, or until there is this much of it. Each write is followed by a
 * frame, which costs as much as reading some 200 Ki characters, and the browser takes a frame before the
 * next message: written one by one, messages would come one a frame. What came in during a
 * frame is older than a timer that is set after it, so all of that goes together.
 */
const GATHER_MS = 16;
const GATHER_CHARACTERS = 256 * 1024;

/** Hands a terminal its output: at once while it is little, in large pieces while it is a flood. */
export interface Writer {
  /** `read` is called with the length of `data` when the terminal has read it. */
  readonly write: (data: string, read: (characters: number) => void) => void;
  /** Hands over all that was gathered, so that what is written to the terminal next comes after it. */
  readonly flush: () => void;
  readonly dispose: () => void;
}

interface Piece {
  readonly data: string;
  readonly read: (characters: number) => void;
}

export function createWriter(terminal: Pick<Terminal, 'write'>): Writer {
  let gathered: Piece[] = [];
  let size = 0;
  let flooding = false;
  /** Writes that the terminal has not read to their end. */
  let unread = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const pieces = gathered;
    flooding = size > FLOOD;
    gathered = [];
    size = 0;
    unread++;
    terminal.write(pieces.map((piece) => piece.data).join(''), () => {
      unread--;
      for (const { data, read } of pieces) read(data.length);
      flushSoon();
    });
  }

  function flushSoon(): void {
    if (unread > 0) return;
    if (flooding && size > 0 && size < GATHER_CHARACTERS) timer ??= setTimeout(flush, GATHER_MS);
    else flush();
  }

  return {
    write(data, read) {
      gathered.push({ data, read });
      size += data.length;
      flushSoon();
    },
    flush,
    dispose: () => clearTimeout(timer),
  };
}
