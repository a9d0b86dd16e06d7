import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { MAX_CONNECTIONS } from '../../limits.js';
import { httpError } from './problem.js';

/** The most requests that wait on one connection for the answer before theirs: HTTP/1.1 lets a caller send them. */
export const MAX_PIPELINED = 100;

/** Ends connections before the gateway closes. */
export interface Connections {
  /**
   * To be called before the head of an answer is written. Once the gateway drains, the answer ends its connection, unless
   * others wait behind it, which would get none.
   */
  answering(reply: FastifyReply): void;
}

/**
 * Keeps one caller from using up the connections and the memory that others need.
 * @param draining aborts when the gateway is about to close
 */
export function limitConnections(app: FastifyInstance, draining: AbortSignal): Connections {
  app.server.maxConnections = MAX_CONNECTIONS;
  const waiting = new WeakMap<Socket, Set<unknown>>();

  app.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    // Node gives an answer its connection when no other is before it.
    if (answer.socket) return done();
    const others = waiting.get(socket) ?? new Set();
    waiting.set(socket, others.add(answer));
    answer.once('close', () => others.delete(answer));
    if (others.size <= MAX_PIPELINED) return done();
    done(httpError(429, `at most ${MAX_PIPELINED} requests may wait on one connection`));
  });

  const connections: Connections = {
    answering({ request, raw: answer }) {
      if (!draining.aborted) return;
      const others = waiting.get(request.raw.socket);
      const behind = (others?.size ?? 0) - (others?.has(answer) ? 1 : 0);
      if (behind === 0) answer.shouldKeepAlive = false;
    },
  };
  app.addHook('onSend', (_request, reply, _payload, done) => {
    connections.answering(reply);
    done();
  });
  return connections;
}
