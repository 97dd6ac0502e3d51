import { ReadStream } from 'node:tty';
import type { IPty } from '@lydell/node-pty';

const QUIET_TICKS = 4;
const TICK_MS = 25;

/**
 * Keeps node-pty from throwing away output. It destroys its stream 200 ms after the program's end,
 * and the stream destroys itself when the terminal closes, both whether or not everything was read;
 * a paused reader would lose the rest. With this, the stream is destroyed once it has been read to
 * its end: not while it is paused, and not before some silence.
 *
 * Reaches into node-pty 1.1.0 (`_socket`), which offers no way of its own.
 */
export function keepUnreadOutput(pty: IPty): {
  readonly pause: () => void;
  readonly resume: () => void;
  readonly drop: () => void;
} {
  const socket: unknown = Reflect.get(pty, '_socket');
  if (!(socket instanceof ReadStream)) {
    return { pause: () => pty.pause(), resume: () => pty.resume(), drop: () => undefined };
  }
  const destroy = socket.destroy.bind(socket);
  let paused = false;
  let waiting: { readonly error: Error | undefined } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  let quiet = 0;

  const finish = () => {
    clearInterval(timer);
    destroy(waiting?.error);
  };
  const tick = () => {
    const active = paused || socket.readableLength > 0 || socket.bytesRead !== last;
    last = socket.bytesRead;
    quiet = active ? 0 : quiet + 1;
    if (quiet >= QUIET_TICKS) finish();
  };
  const nothingLeft = (error: Error | undefined) => !paused && socket.readableLength === 0 && error !== undefined;

  socket.destroy = (error) => {
    if (nothingLeft(error) || socket.readableEnded) {
      clearInterval(timer);
      return destroy(error);
    }
    waiting = { error: waiting?.error ?? error };
    timer ??= setInterval(tick, TICK_MS);
    return socket;
  };

  return {
    pause() {
      paused = true;
      socket.pause();
    },
    resume() {
      paused = false;
      socket.resume();
    },
    /** Nobody wants the rest any more. */
    drop() {
      paused = false;
      socket.resume();
      if (waiting) finish();
    },
  };
}
