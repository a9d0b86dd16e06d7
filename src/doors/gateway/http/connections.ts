import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { httpError } from './problem.js';

/** The most connections at once; Node closes further ones. */
const MAX_CONNECTIONS = 10_000;

/** The most requests that wait on one connection for the answer before theirs: HTTP/1.1 lets a caller send them. */
export const MAX_PIPELINED = 100;

/** Keeps one caller from using up the connections and the memory that others need. */
export function limitConnections(app: FastifyInstance): void {
  app.server.maxConnections = MAX_CONNECTIONS;
  const waiting = new WeakMap<Socket, number>();

  app.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    // Node gives an answer its connection when no other is before it.
    if (answer.socket) return done();
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    answer.once('close', () => waiting.set(socket, waiting.get(socket)! - 1));
    if (count <= MAX_PIPELINED) return done();
    done(httpError(429, `at most ${MAX_PIPELINED} requests may wait on one connection`));
  });
}
