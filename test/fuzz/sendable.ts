import type { DescMethodUnary, JsonObject } from '@bufbuild/protobuf';
import type { Door } from '../hostile/attack.js';
import { bytesOf, connectRequest, envelope, type HttpRequest, httpRequest, pathOf } from '../hostile/http1.js';

/** A request on its way to be sent. */
export type Sendable = { readonly door: Door; readonly method: DescMethodUnary; readonly request: JsonObject } & (
  | { readonly http: HttpRequest }
  /** A call of gRPC: its path, and its message with its prefix. */
  | { readonly http: undefined; readonly path: string; readonly data: Buffer }
);

/** A call of gRPC. */
export function asGrpc(method: DescMethodUnary, request: JsonObject, message = bytesOf(method, request)): Sendable {
  return { door: 'grpc', method, request, http: undefined, path: pathOf(method), data: envelope(message) };
}

/** A request of Connect in protobuf. */
export function asConnectProto(
  method: DescMethodUnary,
  request: JsonObject,
  message = bytesOf(method, request),
): Sendable {
  return { door: 'connect', method, request, http: connectRequest(method, 'application/proto', message) };
}

/** A request of Connect by GET, which methods without side effects take. */
export function asConnectGet(method: DescMethodUnary, request: JsonObject): Sendable {
  const query = new URLSearchParams({ connect: 'v1', encoding: 'json', message: JSON.stringify(request) });
  const target = `${pathOf(method)}?${query}`;
  return { door: 'connect', method, request, http: { verb: 'GET', target, headers: [], body: Buffer.alloc(0) } };
}

/** The request in the form of its door, with another content. */
export function asBefore(before: Sendable, method: DescMethodUnary, request: JsonObject): Sendable {
  if (!before.http) return asGrpc(method, request);
  const type = before.http.headers.find(([name]) => name === 'content-type')?.[1];
  if (type === 'application/proto') return asConnectProto(method, request);
  if (before.door === 'connect' && before.http.verb === 'GET') return asConnectGet(method, request);
  return { door: before.door, method, request, http: httpRequest(before.door as 'rest', method, request) };
}
