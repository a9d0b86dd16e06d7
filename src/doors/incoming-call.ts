import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestDecoders } from '../gen/methods_binary.js';
import { invalidArgument } from '../handlers/answer/errors.js';
import type { Endpoint, IncomingCall } from '../handlers/call.js';
import { Cancellation } from '../waiting.js';
import type { CallerOf } from './caller-address.js';

/** The header (gRPC: metadata key) that names a call, from the caller and back to the caller. */
export const CORRELATION_ID_HEADER = 'x-correlation-id';

// No character that JSON escapes. Tracing systems make some: `|7f4a.1`, `Root=1-67a1`.
const WELL_FORMED = /^[A-Za-z0-9._~:@|=+/-]{1,128}$/;

/** The caller's id for a call when that is well-formed, else a new one. */
export function correlationIdFrom(given: string | undefined): string {
  return given !== undefined && WELL_FORMED.test(given) ? given : randomUUID();
}

/** The error that ends a call whose caller has hung up: CANCELLED. */
export function hungUp(): ConnectError {
  return new ConnectError('the caller hung up', Code.Canceled);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the request made a call: then the call has a line in the log, and the request needs none. */
    reachedEndpoint: boolean;
    /** Whom the request is counted for; see `CallerOf`. Of a caller that has gone it may be empty. */
    readonly caller: string;
  }
}

/**
 * The call that an HTTP request makes. It is cancelled when the connection closes before the answer is written.
 * @param deadline epoch milliseconds, when the caller has one
 */
export function httpCall(
  method: Endpoint['method'],
  door: IncomingCall['door'],
  request: FastifyRequest,
  reply: FastifyReply,
  deadline?: number,
): IncomingCall {
  request.reachedEndpoint = true;
  const { id: correlationId, headers } = request;
  const cancellation = new Cancellation();
  const header = (name: string) => headers[name]?.toString();
  onceClosed(request, reply, () => {
    // Both: Node finishes an answer of HTTP/2 whose caller has gone, though nobody has ended it.
    const isTaken = reply.raw.writableEnded && reply.raw.writableFinished;
    if (!isTaken) cancellation.abort(hungUp());
    cancellation.close();
  });
  const authorization = () => authorizationOf(request);
  return {
    method,
    door,
    caller: request.caller,
    correlationId,
    deadline,
    cancellation,
    header,
    authorization,
  };
}

/** Every header `authorization` of a request: of two, Node's own list of headers has the first. */
export function authorizationOf({ raw: { rawHeaders } }: FastifyRequest): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization');
}

/** Lets every request say who its caller is. */
export function nameCallers(app: FastifyInstance, callerOf: CallerOf): void {
  app.decorateRequest('caller', {
    getter() {
      const { headers, raw } = this;
      // Node's types leave out that a request of HTTP/2 loses its connection.
      const socket = raw.socket as Socket | null;
      return callerOf(socket?.remoteAddress, (name) => headers[name]?.toString());
    },
  });
}

/** Calls the listener once, when the caller has taken the answer or the connection is closed. */
export function onceClosed(
  { raw: { socket } }: FastifyRequest,
  { raw: answer }: FastifyReply,
  listener: () => void,
): void {
  // A request of HTTP/2 has no connection any more when it is closed.
  if ((socket as Socket | null)?.destroyed !== false) {
    listener();
    return;
  }
  answer.once('close', listener);
  if (answer.socket) return;
  // A pipelined request, whose answer waits for the answer before it: Node gives the answer no connection until then, and
  // does not close the answer with the connection. One listener for each request of the pipeline is no leak.
  socket.setMaxListeners(0);
  const onClose = () => {
    answer.off('close', listener);
    listener();
  };
  socket.once('close', onClose);
  answer.once('close', () => socket.off('close', onClose));
}

/** The message of a binary request. Throws INVALID_ARGUMENT when the bytes are malformed. */
export function messageFromBytes(message: DescMessage, bytes: Uint8Array): Message {
  try {
    return requestDecoders.get(message)?.(bytes) ?? fromBinary(message, bytes);
  } catch {
    throw invalidArgument({ field: '', description: `the bytes are not a valid ${message.typeName}` });
  }
}
