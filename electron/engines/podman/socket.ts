import { connect } from 'node:net';

/**
 * Whether somebody listens there. A socket's file stays when its service was killed, so its being
 * there says nothing. One that this user may not use counts: that is to be told, not to be passed over.
 */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES' || error.code === 'EPERM'));
  });
}
