import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ConnectError } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { CORRELATION_ID_HEADER, correlationIdFrom } from '../../incoming-call.js';
import { printable } from '../../printable.js';
import { closeLingering } from './lingering-close.js';
import { type HttpError, httpError, isCallersFault, PROBLEM_TYPE, problemOf, sendProblem } from './problem.js';

/** Answers every error with a problem, and logs those of requests that made no call. */
export function answerWithProblems(app: FastifyInstance, log: Logger): void {
  app.setNotFoundHandler(() => {
    throw httpError(404, 'nothing is served at this path');
  });

  app.setErrorHandler((error, request, reply) => {
    const isOfHttp = isCallersFault(error);
    if (!isOfHttp && !(error instanceof ConnectError)) {
      log.error({ err: error, correlationId: request.id }, 'the gateway failed');
    }
    const shown = isOfHttp ? inOwnWords(error, request) : error;
    sendProblem(reply, shown);
    if (!request.reachedEndpoint) logRefusal(log, request, reply.statusCode, reasonOf(shown));
    return reply;
  });
}

/**
 * Logs a request that made no call: method, path without its query, status, correlation id and why; never a body.
 * @param why what the caller is told
 */
export function logRefusal(
  log: Logger,
  { method, url, id: correlationId }: FastifyRequest,
  status: number,
  why: string | undefined,
): void {
  const [path] = url.split('?', 1);
  log.info({ method, path: printable(path), status, correlationId, why: printable(why) }, 'refused');
}

/** What a problem says of an error; undefined for a defect, which has a line of its own. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof ConnectError) return error.rawMessage;
  return isCallersFault(error) ? error.message : undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the body of a request may be, in words. */
    readonly bodyTypes?: string;
  }
}

/** An error of Fastify, in the words of this service. */
export function inOwnWords(error: HttpError, { routeOptions }: FastifyRequest): HttpError {
  if (!('code' in error)) return error;
  if (error.statusCode === 413) return httpError(413, `the body is larger than ${routeOptions.bodyLimit} bytes`);
  const { bodyTypes = 'application/json' } = routeOptions.config;
  return error.statusCode === 415 ? httpError(415, `the body must be ${bodyTypes}`) : error;
}

/** Answers a request whose path cannot be decoded. Such a request reaches no route and no hook. */
export function answerBrokenPath(log: Logger, reply: FastifyReply): void {
  const why = 'the path must be UTF-8, with two hexadecimal digits after every %';
  reply.header(CORRELATION_ID_HEADER, reply.request.id);
  sendProblem(reply, httpError(400, why));
  logRefusal(log, reply.request, reply.statusCode, why);
}

const BROKEN_HTTP: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the path and the headers are too long'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not arrive in time'],
};

const BROKEN_TLS = /^ERR_(?:SSL|TLS)_/;

/** Answers a request that Node cannot read as HTTP, or not to its end, and closes the connection. */
export function answerBrokenHttp(log: Logger, { code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (BROKEN_TLS.test(code)) {
    log.info({ why: `the TLS handshake failed: ${code}` }, 'refused');
    socket.destroy();
    return;
  }
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = BROKEN_HTTP[code] ?? [400, 'the request is not well-formed HTTP'];
  const correlationId = correlationIdFrom(undefined);
  log.info({ status, correlationId, why: detail }, 'refused');
  const body = JSON.stringify(problemOf(httpError(status, detail), correlationId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_ID_HEADER}: ${correlationId}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  closeLingering(socket);
}
