import type { Socket } from 'node:net';
import { createTimeLimits } from '../../../waiting.js';

/**
 * The most bytes of a request that are read though it was refused, and thrown away. A caller whose connection is cut while
 * it sends may never see why: many read the answer when they have sent everything.
 */
export const LONGEST_READ = 16 * 1_048_576;

/** Milliseconds that a caller has to send the rest of what nobody reads. */
const LINGER = 5_000;

const limits = createTimeLimits<Socket>(LINGER, (socket) => socket.destroy());

/**
 * Ends a connection of HTTP/1.1 behind its last answer, and cuts it once the caller has closed its side, has sent too
 * much, or takes too long. https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function closeLingering(socket: Socket): void {
  let received = 0;
  const limit = limits.begin(socket);
  socket.once('close', () => limits.end(limit));
  // Node's parser, which would stumble again.
  socket.removeAllListeners('data');
  socket.on('data', ({ length }: Buffer) => {
    received += length;
    if (received > LONGEST_READ) socket.destroy();
  });
  socket.once('end', () => socket.destroy());
  socket.end();
}
