import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { httpError } from './problem.js';

/** The most connections at once; further ones are closed. */
const MAX_CONNECTIONS = 10_000;

/** The most requests under way on one connection: HTTP/1.1 lets a caller send one before it has the last answer. */
export const MAX_PIPELINED = 100;

/** Keeps one caller from taking what all need, by many connections or by many requests on one of them. */
export function limitConnections(app: FastifyInstance): void {
  app.server.maxConnections = MAX_CONNECTIONS;
  const underWay = new WeakMap<Socket, { requests: number }>();

  app.addHook('onRequest', ({ raw: { socket } }, _reply, done) => {
    const known = underWay.get(socket);
    const connection = known ?? { requests: 0 };
    if (!known) underWay.set(socket, connection);
    connection.requests += 1;
    if (connection.requests <= MAX_PIPELINED) return done();
    done(httpError(429, `at most ${MAX_PIPELINED} requests may be under way on one connection`));
  });
  app.addHook('onResponse', ({ raw: { socket } }, _reply, done) => {
    const connection = underWay.get(socket);
    if (connection) connection.requests -= 1;
    done();
  });
}
