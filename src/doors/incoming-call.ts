import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalidArgument } from '../handlers/answer/errors.js';
import type { Call } from '../handlers/call.js';

/** The header (gRPC: metadata key) that names a call, from the caller and back to the caller. */
export const CORRELATION_ID_HEADER = 'x-correlation-id';

const WELL_FORMED = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's id for a call when that is well-formed, else a new one. */
export function correlationIdFrom(given: string | undefined): string {
  return given !== undefined && WELL_FORMED.test(given) ? given : randomUUID();
}

/** The error that ends a call whose caller has hung up: CANCELLED. */
export function hungUp(): ConnectError {
  return new ConnectError('the caller hung up', Code.Canceled);
}

/**
 * A call with a signal of its own.
 * @param deadline epoch milliseconds, when the caller has one
 */
export function incomingCall(
  { method, door, correlationId, header }: Pick<Call, 'method' | 'door' | 'correlationId' | 'header'>,
  deadline: number | undefined,
): Call {
  const controller = new AbortController();
  const { signal } = controller;
  const call = { method, door, correlationId, signal, abort: (reason: unknown) => controller.abort(reason), header };
  return deadline === undefined ? call : { ...call, deadline };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request made a call: then the call has a line in the log, and the request needs none. */
    reachedEndpoint: boolean;
  }
}

/**
 * The call that an HTTP request makes. Aborts when the connection closes before the answer is written.
 * @param deadline epoch milliseconds, when the caller has one
 */
export function httpCall(
  method: Call['method'],
  door: Call['door'],
  request: FastifyRequest,
  reply: FastifyReply,
  deadline?: number,
): Call {
  request.reachedEndpoint = true;
  const header = (name: string) => request.headers[name]?.toString();
  const call = incomingCall({ method, door, correlationId: request.id, header }, deadline);
  const abort = () => {
    if (!reply.raw.writableFinished) call.abort(hungUp());
  };
  reply.raw.once('close', abort);
  if (!reply.raw.socket) whenClosed(request.raw.socket, reply, abort);
  return call;
}

/**
 * For a pipelined request, whose answer waits for the answer before it: Node gives the answer no connection until then,
 * and does not close the answer with the connection.
 */
function whenClosed(connection: Socket, reply: FastifyReply, abort: () => void): void {
  // One listener for each request of the pipeline is no leak.
  connection.setMaxListeners(0);
  connection.once('close', abort);
  reply.raw.once('close', () => connection.off('close', abort));
}

/** The message of a binary request. Throws INVALID_ARGUMENT when the bytes are malformed. */
export function messageFromBytes(message: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(message, bytes);
  } catch {
    throw invalidArgument({ field: '', description: `the bytes are not a valid ${message.typeName}` });
  }
}
