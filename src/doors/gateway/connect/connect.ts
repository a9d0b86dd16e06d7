import {
  Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import { universalResponseToNodeResponse } from '@connectrpc/connect-node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Endpoint, IncomingCall, ReadMessage } from '../../../handlers/call.js';
import { httpCall } from '../../incoming-call.js';
import { type RequestSize, requestSizeOf } from '../../request-size.js';
import type { Connections } from '../http/connections.js';
import { httpError, isCallersFault } from '../http/problem.js';
import { inOwnWords, logRefusal } from '../http/refusals.js';
import { forSecretAddress } from '../http/secret-addresses.js';
import { messageIn, standInFor } from './connect-body.js';
import { rememberingReason } from './refusal-reason.js';

/** A request of Fastify and the reply to it, which travel through connect to the endpoint. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly read: ReadMessage;
  readonly connections: Connections;
}

/** What answering needs of the gateway. */
export interface ConnectParts {
  /** Gets a line for each request that is refused before it makes a call. */
  readonly log: Logger;
  readonly connections: Connections;
}

/** What answering a method needs. */
interface MethodParts extends ConnectParts {
  readonly size: RequestSize;
}

const EXCHANGE = createContextKey<Exchange | undefined>(undefined);

/**
 * Serves the endpoints as Connect and gRPC-Web under `/<package>.<Service>/<Method>`, streams included; Connect also by
 * GET where a unary method has no side effects. Bodies come and go uncompressed.
 *
 * The routes are not those of `@connectrpc/connect-fastify`, which take every HTTP method, need a valid host, cannot
 * check a message that comes in a query, and write their errors to the console.
 */
export function serveConnect(app: FastifyInstance, endpoints: readonly Endpoint[], parts: ConnectParts): void {
  // Fastify reads the bodies: it keeps the limit without breaking the connection.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const router = createConnectRouter({ grpc: false });
  for (const endpoint of endpoints) addTo(router, endpoint);
  for (const handler of router.handlers) {
    const { method } = handler;
    const ofMethod = { ...parts, size: requestSizeOf(method, app.initialConfig.bodyLimit as number) };
    servePost(app, handler, ofMethod);
    if (method.methodKind === 'unary' && handler.allowedMethods.includes('GET')) serveGet(app, handler, ofMethod);
  }
}

function addTo(router: ConnectRouter, endpoint: Endpoint): void {
  if ('stream' in endpoint) {
    router.rpc(endpoint.method, (_, context) => {
      const { read, reply, connections } = exchangeIn(context);
      const call = callOf(endpoint, context);
      // A caller who reads no more never lets connect come to the error.
      call.cancellation.signal.addEventListener('abort', () => connections.ending(reply), { once: true });
      return endpoint.stream(read, call);
    });
  } else {
    router.rpc(endpoint.method, (_, context) => endpoint.invoke(exchangeIn(context).read, callOf(endpoint, context)));
  }
}

function exchangeIn({ values }: HandlerContext): Exchange {
  return values.get(EXCHANGE) as Exchange;
}

function callOf({ method }: Endpoint, context: HandlerContext): IncomingCall {
  const { request, reply } = exchangeIn(context);
  const remaining = context.timeoutMs();
  const deadline = remaining === undefined ? undefined : Date.now() + remaining;
  return httpCall(method, context.protocolName === 'connect' ? 'connect' : 'grpc-web', request, reply, deadline);
}

function servePost(app: FastifyInstance, handler: UniversalHandler, parts: MethodParts): void {
  app.post(handler.requestPath, {
    bodyLimit: parts.size.largest,
    handler: (request, reply) =>
      answer(handler, parts, { request, reply }, (request.body as Uint8Array | undefined) ?? new Uint8Array()),
    errorHandler: (error, request, reply) => {
      if (!isCallersFault(error) || error.statusCode !== 413) throw error;
      const tooLarge = new ConnectError(inOwnWords(error, request).message, Code.ResourceExhausted);
      return answer(handler, parts, { request, reply }, tooLarge);
    },
  });
}

/**
 * A GET has in its query what a POST has in its headers and its body.
 * https://connectrpc.com/docs/protocol/#unary-get-request
 */
function serveGet(app: FastifyInstance, handler: UniversalHandler, parts: MethodParts): void {
  app.get(handler.requestPath, forSecretAddress(handler.method), (request, reply) => {
    const query = new URLSearchParams(request.query as Record<string, string>);
    const bytes = Buffer.from(query.get('message') ?? '', query.get('base64') === '1' ? 'base64' : 'utf8');
    return answer(handler, parts, { request, reply }, bytes, {
      'content-type': `application/${query.get('encoding')}`,
      'content-encoding': query.get('compression') ?? 'identity',
    });
  });
}

/**
 * Answers through connect, message by message.
 * @param body the body's bytes, or the reason why there are none
 * @param headers put in the place of the request's own
 */
async function answer(
  handler: UniversalHandler,
  { log, connections, size }: MethodParts,
  { request, reply }: Pick<Exchange, 'request' | 'reply'>,
  body: Uint8Array | ConnectError,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header = headersOf(request);
  for (const [name, value] of Object.entries(headers)) header.set(name, value);
  const contentType = header.get('content-type') ?? '';
  const read = () => messageIn(handler.method.input, contentType, body as Uint8Array, size);
  const response = await handler({
    httpVersion: request.raw.httpVersion,
    method: 'POST',
    // Not the caller's host, which may be missing or malformed.
    url: `http://gateway${handler.requestPath}`,
    header,
    body: standInFor(contentType, body),
    // The call has a signal of its own; see `httpCall`.
    signal: new AbortController().signal,
    contextValues: createContextValues().set(EXCHANGE, { request, reply, read, connections }),
  });
  if (!response.body) throw httpError(response.status, 'the content type must be one of Connect or gRPC-Web');

  connections.answering(reply, handler.method.methodKind === 'server_streaming');
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  const { body: chunks, why } = request.reachedEndpoint
    ? { body: response.body, why: undefined }
    : rememberingReason(response.body);
  // Only then is it known: a stream makes its call when its answer is written.
  reply.raw.once('close', () => {
    if (!request.reachedEndpoint) logRefusal(log, request, response.status, why?.());
  });
  // Writing fails when the caller has hung up, which ends the call; connect-node's promise may never settle.
  universalResponseToNodeResponse({ ...response, body: chunks }, reply.raw).catch(() => {});
}

// Connect sets a timer, and Node's timers reach 24 days: a deadline of weeks counts as none.
const WEEKS = /^(?:\d{10,}|\d{7,}S|\d{5,}M|\d{3,}H)$/;

function headersOf({ headers }: FastifyRequest): Headers {
  const header = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has `:path` and others among its headers, and the length is not that of what connect reads.
    if (value !== undefined && !name.startsWith(':') && name !== 'content-length') header.set(name, value.toString());
  }
  for (const name of ['connect-timeout-ms', 'grpc-timeout']) {
    if (WEEKS.test(header.get(name) ?? '')) header.delete(name);
  }
  return header;
}
