import type { Server, Socket } from 'node:net';

/**
 * Keeps track of a server's connections, those amid a TLS handshake too, which belong to no session and no request yet.
 * @returns cuts all of them off
 */
export function trackSockets(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
