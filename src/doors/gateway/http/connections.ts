import type { Socket } from 'node:net';
import { Code } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { tryAgain } from '../../../handlers/answer/errors.js';
import { createTimeLimits } from '../../../waiting.js';
import { onceClosed } from '../../incoming-call.js';
import { bytesOf, type DoorLimits, SMALL_REQUEST } from '../../limits.js';
import { cutOff, hasOpenBody, secureServerOf } from './http2-sessions.js';
import { LONGEST_READ } from './lingering-close.js';

/** The most requests that wait on one connection for the answer before theirs: HTTP/1.1 lets a caller send them. */
export const MAX_PIPELINED = 100;

/** The connections of the gateway. */
export interface Connections {
  /**
   * To be called before the head of an answer is written. Once the gateway drains, the answer ends its connection, unless
   * others wait behind it, which would get none. A caller who does not take the answer in time loses the connection.
   * @param isStream whether the answer has no end in sight, and so no time limit
   */
  answering(reply: FastifyReply, isStream: boolean): void;
  /** To be called when nothing more comes of a stream: a caller who does not take the rest in time loses the connection. */
  ending(reply: FastifyReply): void;
}

/**
 * Keeps one caller from using up the connections and the memory that others need.
 * @param draining aborts when the gateway is about to close
 */
export function limitConnections(app: FastifyInstance, limits: DoorLimits, draining: AbortSignal): Connections {
  app.server.maxConnections = limits.maxConnections;
  const countBehind = limitPipelines(app);
  limitBytes(app, limits);
  const limitAnswer = createAnswerLimit(limits);
  const mayBeHttp2 = secureServerOf(app) !== undefined;

  function answering(reply: FastifyReply, isStream: boolean): void {
    if (draining.aborted && countBehind(reply) === 0) reply.raw.shouldKeepAlive = false;
    // Fastify ends a connection so whose body was too large.
    const isHttp2 = mayBeHttp2 && reply.raw.req.httpVersionMajor === 2;
    if (isHttp2 || isReadToItsEnd(reply.request)) reply.removeHeader('connection');
    if (!isStream) limitAnswer(reply);
  }
  app.addHook('onSend', (_request, reply, _payload, done) => {
    answering(reply, false);
    done();
  });
  return { answering, ending: limitAnswer };
}

/** Refuses requests beyond `MAX_PIPELINED`. Answers how many requests wait behind the answer of another. */
function limitPipelines(app: FastifyInstance): (reply: FastifyReply) => number {
  const waiting = new WeakMap<Socket, Set<unknown>>();

  app.addHook('onRequest', ({ raw: { socket } }, { raw: answer }, done) => {
    // Node gives an answer its connection when no other is before it. One of HTTP/2 without has lost its caller.
    if (answer.socket || !socket) return done();
    const others = waiting.get(socket) ?? new Set();
    waiting.set(socket, others.add(answer));
    answer.once('close', () => others.delete(answer));
    if (others.size <= MAX_PIPELINED) return done();
    done(tryAgain(Code.ResourceExhausted, `at most ${MAX_PIPELINED} requests may wait on one connection`));
  });

  return ({ request, raw: answer }) => {
    const others = waiting.get(request.raw.socket);
    return (others?.size ?? 0) - (others?.has(answer) ? 1 : 0);
  };
}

/** Refuses a request for whose size the caller has no room, before the body is read. */
function limitBytes(app: FastifyInstance, { requestBytes }: DoorLimits): void {
  app.addHook('onRequest', (request, reply, done) => {
    const bytes = sizeOf(request);
    if (bytes <= SMALL_REQUEST) return done();
    const taken = bytesOf(request.caller, bytes);
    if (!requestBytes.enter(taken))
      return done(tryAgain(Code.ResourceExhausted, 'too many of your requests are large'));
    onceClosed(request, reply, () => requestBytes.leave(taken));
    done();
  });
}

/** Whether the body is too large, and is thrown away while it comes. */
function isReadToItsEnd({ headers, routeOptions }: FastifyRequest): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return length > (routeOptions.bodyLimit ?? Number.POSITIVE_INFINITY) && length <= LONGEST_READ;
}

/** The most bytes that the body of a request takes. A larger body than the limit allows is refused by its length alone. */
function sizeOf(request: FastifyRequest): number {
  const { headers, routeOptions } = request;
  const length = headers['content-length'];
  const limit = routeOptions.bodyLimit ?? Number.POSITIVE_INFINITY;
  if (headers['content-encoding'] !== undefined) return limit;
  if (length !== undefined) return Math.min(Number(length), limit);
  return headers['transfer-encoding'] !== undefined || hasOpenBody(request) ? limit : 0;
}

/** Cuts off an answer that the caller does not take. */
function createAnswerLimit({ answerTimeout }: DoorLimits): (reply: FastifyReply) => void {
  const limits = createTimeLimits<FastifyReply>(answerTimeout, (reply) => {
    // A pipelined answer waits for those before it.
    if (reply.raw.socket) cutOff(reply);
    else limit(reply);
  });
  function limit(reply: FastifyReply): void {
    const begun = limits.begin(reply);
    onceClosed(reply.request, reply, () => limits.end(begun));
  }
  return limit;
}
