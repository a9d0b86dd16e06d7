import {
  create,
  type DescField,
  type DescMessage,
  getOption,
  type Message,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { answerWriters } from '../../../gen/methods_json.js';
import type { Violation } from '../../../handlers/answer/errors.js';
import type { Answer } from '../../../handlers/call.js';
import { isObject } from '../../../json/request-fields.js';
import { httpCall } from '../../incoming-call.js';
import { decodedBody } from '../http/compression.js';
import { httpError } from '../http/problem.js';
import { messageFromJson, parseJson } from '../json/read-message.js';
import { type FieldPath, resolveFieldPath, textOf } from './field-path.js';
import { fieldsIn, type PathTemplate, parsePathTemplate } from './path-template.js';
import { type Condition, etagFinder, ifMatchOf, ifNoneMatchOf, isMet, notMet, valueAt } from './preconditions.js';
import { queryFieldFinder, queryValue } from './rest-query.js';
import { parameterName, type RestRoute, routerPath } from './rest-routes.js';

/** The header that fills a command's `request_id`. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

/** The header that says which etags something may have, for the command to be carried out; `*` for any. */
export const IF_MATCH_HEADER = 'if-match';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

/** Serves the routes as REST: JSON in proto names, errors as problems. */
export function serveRest(app: FastifyInstance, routes: readonly RestRoute[]): void {
  app.removeAllContentTypeParsers();
  // The route reads the bytes: it knows what they should be.
  app.addContentTypeParser<Buffer>(JSON_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    if (request.headers['content-encoding'] === undefined) done(null, body);
    else decodedBody(request, body, done);
  });

  for (const route of routes) {
    const { method, invoke } = route.endpoint;
    const read = requestReader(route);
    const write = answerWriter(route);
    const answerOnCondition = conditionally(route, routes, read, write);
    app.route({
      method: route.verb as HTTPMethods,
      url: routerPath(route, routes),
      // Answers by itself: Fastify would add two promises to the handler's own.
      handler(request, reply) {
        const { headers } = request;
        if (headers[IF_MATCH_HEADER] !== undefined || headers['if-none-match'] !== undefined) {
          answerOnCondition(request, reply).catch((error) => reply.send(error));
          return;
        }
        invoke(read(request), httpCall(method, 'rest', request, reply))
          .then((answer) => reply.send(write(answer, reply)))
          .catch((error) => reply.send(error));
      },
    });
  }
}

/** Puts a request into the message of its route. The etags are those of `If-Match`. */
type ReadRequest = (request: FastifyRequest, etags?: readonly string[]) => Message;
type WriteAnswer = (answer: Answer, reply: FastifyReply) => string;

/** Makes the function that answers requests with `If-Match` or `If-None-Match` on the route. */
function conditionally(
  route: RestRoute,
  routes: readonly RestRoute[],
  read: ReadRequest,
  write: WriteAnswer,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { method, invoke } = route.endpoint;
  const etagOf = etagFinder(method.output);
  const takesEtag = resolveFieldPath(method.input, 'etag') !== undefined;
  const getter = getterOf(route, routes);

  async function get(request: FastifyRequest, reply: FastifyReply, ifMatch: Condition | undefined): Promise<void> {
    const ifNoneMatch = ifNoneMatchOf(request.headers['if-none-match']);
    const answer = await invoke(read(request), httpCall(method, 'rest', request, reply));
    const etag = etagOf?.(answer);
    if (ifMatch && !isMet(ifMatch, etag)) throw notMet(etag);
    const text = write(answer, reply);
    if (ifNoneMatch && isMet(ifNoneMatch, etag)) reply.code(304).removeHeader('content-type').send();
    else reply.send(text);
  }

  /** What a request is answered whose fields are wrong: its `If-Match` is judged before them. */
  async function errorFor(error: unknown, request: FastifyRequest, reply: FastifyReply, etags: readonly string[]) {
    if (!getter || !(error instanceof ConnectError) || error.code !== Code.InvalidArgument) return error;
    const found = await getter(request, reply).catch(() => undefined);
    return found === undefined || isMet(etags, found) ? error : notMet(found);
  }

  async function command(request: FastifyRequest, reply: FastifyReply, ifMatch: Condition | undefined): Promise<void> {
    if (ifMatch && !takesEtag) throw httpError(412, 'If-Match cannot be met: nothing is there before the request');
    if (takesEtag && request.headers['if-none-match'] !== undefined) {
      throw httpError(400, 'If-None-Match is for GET: a command takes If-Match');
    }
    const etags = ifMatch === '*' ? undefined : ifMatch;
    try {
      const call = httpCall(method, 'rest', request, reply);
      const answer = await invoke(read(request, etags), etags ? { ...call, ifMatch: etags } : call);
      reply.send(write(answer, reply));
    } catch (error) {
      throw etags ? await errorFor(error, request, reply, etags) : error;
    }
  }

  return async (request, reply) => {
    const ifMatch = ifMatchOf(request.headers[IF_MATCH_HEADER]);
    await (route.verb === 'GET' ? get : command)(request, reply, ifMatch);
  };
}

/**
 * Makes the function that finds the etag of what a command is for: what GET answers at the path up to the verb of the
 * command. Undefined when there is no such GET.
 */
function getterOf(route: RestRoute, routes: readonly RestRoute[]) {
  const placeOf = ({ path }: RestRoute) => path.replaceAll(/\{[^}]*\}/g, '{}');
  const place = placeOf(route).replace(/:\w+$/, '');
  const getRoute = routes.find((other) => other.verb === 'GET' && placeOf(other) === place);
  const etagOf = getRoute && etagFinder(getRoute.endpoint.method.output);
  if (!getRoute || !etagOf) return undefined;
  const { method, invoke } = getRoute.endpoint;
  const paths = fieldsIn(getRoute.template);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const json: JsonFields = {};
    const params = request.params as Record<string, string>;
    for (const [index, path] of paths.entries()) put(json, path, params[parameterName(index)]);
    return etagOf(await invoke(messageFromJson(method.input, json), httpCall(method, 'rest', request, reply)));
  };
}

type JsonFields = Record<string, unknown>;

/**
 * Makes the function that turns a request on the route into its message. The path, the query, the header
 * `Idempotency-Key` and the only etag of `If-Match` are put into the JSON of the body, and the whole is checked. The
 * function throws INVALID_ARGUMENT with everything that is wrong with the request.
 */
function requestReader(route: RestRoute): ReadRequest {
  const { input } = route.endpoint.method;
  const pathFields = fieldsIn(route.template).map((path, index) => ({ path, parameter: parameterName(index) }));
  const fieldOf = queryFieldFinder(route);
  const requestId = resolveFieldPath(input, 'request_id');
  const etag = resolveFieldPath(input, 'etag');

  return (request, etags) => {
    const json = bodyJson(route, request.body as Uint8Array | undefined);
    const broken: Violation[] = [];
    if (isObject(json)) {
      const params = request.params as Record<string, string>;
      for (const { path, parameter } of pathFields) {
        if (!put(json, path, params[parameter])) broken.push(conflict(path, 'the path'));
      }
      for (const [name, given] of Object.entries(request.query as Record<string, string | string[]>)) {
        const violation = putQuery(json, name, fieldOf(name), given);
        if (violation) broken.push(violation);
      }
      const key = request.headers[IDEMPOTENCY_KEY_HEADER];
      if (requestId && key && !put(json, requestId, key)) {
        broken.push(conflict(requestId, 'the header Idempotency-Key'));
      }
      if (etag && etags && !isAmong(etags, json, etag)) broken.push(conflict(etag, 'the header If-Match'));
    }
    return messageFromJson(input, json, broken);
  };
}

function bodyJson({ body }: RestRoute, bytes: Uint8Array | undefined): unknown {
  // Neither a body nor a content type: there is nothing to say, as in `curl -X POST …/sessions/1:cancel`.
  if (!body || !bytes) return {};
  return body === '*' ? parseJson(bytes) : { [body.name]: parseJson(bytes) };
}

function putQuery(
  json: JsonFields,
  name: string,
  path: FieldPath | undefined,
  given: string | string[],
): Violation | undefined {
  if (!path) return { field: name, description: 'is an unknown query parameter' };
  const isList = path.at(-1)?.fieldKind === 'list';
  if (!isList && Array.isArray(given)) return { field: textOf(path), description: 'is given more than once' };
  const value = isList ? [given].flat().map((one) => queryValue(path, one)) : queryValue(path, given as string);
  return put(json, path, value) ? undefined : conflict(path, 'the query');
}

/**
 * Sets a field, and makes the messages on the way to it. False when the field already has another value. A field that is
 * written out with its default is absent, as everywhere in proto3.
 */
function put(json: JsonFields, path: FieldPath, value: unknown, at = 0): boolean {
  const field = path[at] as FieldPath[number];
  const name = Object.hasOwn(json, field.jsonName) ? field.jsonName : field.name;
  const there = json[name] ?? undefined;
  if (at === path.length - 1) {
    if (there !== undefined && !isAbsent(field, there)) return String(there) === String(value);
    json[name] = value;
    return true;
  }
  const inside = there ?? {};
  json[name] = inside;
  // A value that should be an object and is not has the wrong type, which the check reports.
  return !isObject(inside) || put(inside, path, value, at + 1);
}

/** Whether a JSON value is the default of a field that does not tell its default from no value. */
function isAbsent(field: DescField, json: unknown): boolean {
  if (field.fieldKind === 'list') return Array.isArray(json) && json.length === 0;
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return false;
  if (field.enum) return json === 0 || json === field.enum.values[0]?.name;
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) return json === '';
  if (field.scalar === ScalarType.BOOL) return json === false;
  return json === 0 || json === '0';
}

/** Whether the body has no etag, or one of these. The only one is put into the body. */
function isAmong(etags: readonly string[], json: JsonFields, etag: FieldPath): boolean {
  const [only] = etags;
  if (etags.length === 1 && only) return put(json, etag, only);
  const given = json['etag'] ?? '';
  return given === '' || etags.includes(String(given));
}

function conflict(path: FieldPath, source: string): Violation {
  return { field: textOf(path), description: `has another value in ${source}` };
}

/**
 * Makes the function that writes an answer on the route: JSON in proto names, with empty lists and texts. A method that
 * creates something answers 201 with its `Location`, unless nothing was created. An answer with an etag also has the
 * header `ETag`.
 */
function answerWriter({ endpoint: { method } }: RestRoute): (answer: Answer, reply: FastifyReply) => string {
  const { created } = getOption(method, rest);
  const write = answerWriters.get(method.output) ?? ((answer: Answer) => writtenByReflection(method.output, answer));
  const location = created && parsePathTemplate(created, method.output);
  const etagOf = etagFinder(method.output);

  return (answer, reply) => {
    const place = location && pathTo(location, answer);
    if (place) reply.code(201).header('location', place);
    const version = etagOf?.(answer);
    if (version) reply.header('etag', `"${version}"`);
    reply.header('content-type', 'application/json; charset=utf-8');
    return write(answer);
  };
}

function writtenByReflection(desc: DescMessage, answer: Answer): string {
  const message = create(desc, answer);
  return JSON.stringify(toJson(desc, message, { useProtoFieldName: true, alwaysEmitImplicit: true }));
}

/** The path of what was created; undefined when nothing was, because the command was only validated. */
function pathTo(template: PathTemplate, answer: Answer): string | undefined {
  const parts: string[] = [];
  for (const part of template) {
    const text = typeof part === 'string' ? part : encodeURIComponent(String(valueAt(answer, part) ?? ''));
    if (text === '' && typeof part !== 'string') return undefined;
    parts.push(text);
  }
  return parts.join('');
}
