import type { Socket } from 'node:net';

/** Enough for an answer to cross a cluster; too short to be of use for holding connections. */
const readMilliseconds = 1_000;

/**
 * For an answer that comes before the end of the request: lets the caller read it before the
 * connection is closed. Closing at once would reset the connection, and a caller that is still
 * sending would see the reset instead of the answer.
 */
export function closeAfterRead(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), readMilliseconds);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  };
}
