import type { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/**
 * A command may end without reading all of its input. The daemon then closes the connection with input unread, and Node
 * destroys a socket at its first failed write, with all output that has come and is not read yet. After this, input that
 * the other side refuses is dropped and `socket` is no more `writable`; what there is to read is read to a regular end.
 *
 * `resetIsEnd`: reading ends regularly, too, where the connection was reset. That is so on a Unix socket: it is how the
 * kernel tells of unread input, after the last output. Over TCP, plain or with TLS, a reset may as well be the network’s
 * doing, with output lost on the way. There it stays an error, and costs the output that has come but is not read yet; a
 * connection that is only closed to input (EPIPE) is read to its end there, too.
 */
export function surviveUnreadInput(socket: Duplex, { resetIsEnd }: { readonly resetIsEnd: boolean }): void {
  const { _write: write, _writev: writev, _final: final, destroy } = socket;
  let refused = false;
  const unlessRefused = (attempt: (done: Done) => void, done: Done) => {
    if (refused) {
      done();
      return;
    }
    attempt((error) => {
      if (error && !socket.destroyed && (resetIsEnd || isClosedToInput(error))) {
        refused = true;
        socket.end();
        done();
      } else {
        done(error);
      }
    });
  };
  socket._write = (chunk, encoding, done) => {
    unlessRefused((after) => write.call(socket, chunk, encoding, after), done);
  };
  if (writev) {
    socket._writev = (chunks, done) => {
      unlessRefused((after) => writev.call(socket, chunks, after), done);
    };
  }
  // A channel of ssh has none: it ends its input by other means.
  if (final) {
    socket._final = (done) => {
      unlessRefused((after) => final.call(socket, after), done);
    };
  }
  if (!resetIsEnd) return;
  // Node destroys the socket at once, and what is destroyed gives no more of what it holds.
  socket.destroy = (error?: NodeJS.ErrnoException) => {
    if (error?.code !== 'ECONNRESET' || error.syscall !== 'read') return destroy.call(socket, error);
    socket.push(null);
    socket.read(0); // else nothing tells of the end where all has been read
    return socket;
  };
}

const isClosedToInput = (error: NodeJS.ErrnoException) => error.code === 'EPIPE';
