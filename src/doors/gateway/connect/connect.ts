import { Code, ConnectError, createConnectRouter, createContextKey, createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '../../../handlers/call.js';
import { callOf } from '../http/http-call.js';
import { httpError, isCallersFault, sendProblem } from '../http/problem.js';
import { inOwnWords } from '../http/refusals.js';
import { type ConnectBody, checkedBody, failedBody } from './connect-body.js';

/** A request of Fastify and the reply to it, which travel through connect to the endpoint. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const EXCHANGE = createContextKey<Exchange | undefined>(undefined);

/**
 * Serves the endpoints as Connect and gRPC-Web under `/<package>.<Service>/<Method>`; Connect also by GET where a
 * method has no side effects. Bodies come and go uncompressed.
 */
export function serveConnect(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const router = createConnectRouter({ grpc: false });
  for (const { method, invoke } of endpoints) {
    router.rpc(method, (message, { values, protocolName, timeoutMs }) => {
      const { request, reply } = values.get(EXCHANGE) as Exchange;
      const door = protocolName === 'connect' ? 'connect' : 'grpc-web';
      const remaining = timeoutMs();
      const deadline = remaining === undefined ? undefined : Date.now() + remaining;
      return invoke(message, callOf(method, door, request, reply, deadline));
    });
  }
  for (const handler of router.handlers) {
    servePost(app, handler);
    if (handler.allowedMethods.includes('GET')) serveGet(app, handler);
  }
}

function servePost(app: FastifyInstance, handler: UniversalHandler): void {
  app.post(handler.requestPath, {
    handler: (request, reply) => {
      const bytes = (request.body as Uint8Array | undefined) ?? new Uint8Array();
      return answer(handler, { request, reply }, headersOf(request), bytes);
    },
    errorHandler: (error, request, reply) => {
      if (!isCallersFault(error) || error.statusCode !== 413) throw error;
      const tooLarge = new ConnectError(inOwnWords(error, request).message, Code.ResourceExhausted);
      return answer(handler, { request, reply }, headersOf(request), tooLarge);
    },
  });
}

/**
 * A GET has in its query what a POST has in its headers and its body.
 * https://connectrpc.com/docs/protocol/#unary-get-request
 */
function serveGet(app: FastifyInstance, handler: UniversalHandler): void {
  app.get(handler.requestPath, (request, reply) => {
    const query = new URLSearchParams(request.query as Record<string, string>);
    const headers = headersOf(request);
    headers.set('content-type', `application/${query.get('encoding')}`);
    headers.set('content-encoding', query.get('compression') ?? 'identity');
    const bytes = Buffer.from(query.get('message') ?? '', query.get('base64') === '1' ? 'base64' : 'utf8');
    return answer(handler, { request, reply }, headers, bytes);
  });
}

/** @param body the body's bytes, or the reason why there are none */
async function answer(
  handler: UniversalHandler,
  { request, reply }: Exchange,
  header: Headers,
  body: Uint8Array | ConnectError,
): Promise<FastifyReply> {
  const response = await handler({
    httpVersion: request.raw.httpVersion,
    method: 'POST',
    url: `http://gateway${handler.requestPath}`,
    header,
    body: bodyFor(handler, header, body),
    // The endpoint has a signal of its own; see callOf.
    signal: new AbortController().signal,
    contextValues: createContextValues().set(EXCHANGE, { request, reply }),
  });
  if (!response.body) return sendProblem(reply, httpError(response.status, 'no such content type is taken here'));
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  response.header?.forEach((value, name) => {
    reply.header(name, value);
  });
  return reply.code(response.status).send(Buffer.concat(chunks));
}

function bodyFor({ method }: UniversalHandler, header: Headers, body: Uint8Array | ConnectError): ConnectBody {
  try {
    if (body instanceof ConnectError) throw body;
    return checkedBody(method.input, header.get('content-type') ?? '', body);
  } catch (error) {
    return failedBody(error);
  }
}

// Connect sets a timer, and those end after 24 days: a deadline of weeks is as good as none.
const WEEKS = /^(?:\d{10,}|\d{7,}S|\d{5,}M|\d{3,}H)$/;

function headersOf(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, value.toString());
  }
  for (const name of ['connect-timeout-ms', 'grpc-timeout']) {
    if (WEEKS.test(headers.get(name) ?? '')) headers.delete(name);
  }
  return headers;
}
