import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { CORRELATION_ID_HEADER, correlationIdFrom } from '../../correlation-id.js';
import { httpError, PROBLEM_TYPE, problemOf, sendProblem } from './problem.js';
import { logRefusal } from './refusals.js';

/** Answers a request whose path cannot be decoded, which no route and no hook ever sees. */
export function answerBrokenPath(log: Logger, reply: FastifyReply): void {
  reply.header(CORRELATION_ID_HEADER, reply.request.id);
  sendProblem(reply, httpError(400, 'the path has a % that is not followed by the two hexadecimal digits of UTF-8'));
  logRefusal(log, reply);
}

const STATUSES: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what is no HTTP request, or none that Node reads to its end, and closes the connection. */
export function answerBrokenHttp({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUSES[code] ?? 400;
  const correlationId = correlationIdFrom(undefined);
  const body = JSON.stringify(problemOf(httpError(status, DETAILS[status] ?? DETAIL), correlationId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `${CORRELATION_ID_HEADER}: ${correlationId}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

const DETAIL = 'this is no well-formed HTTP request';
const DETAILS: Readonly<Record<number, string>> = {
  408: 'the request did not come to its end in time',
  431: 'the path and the headers are too long',
};
