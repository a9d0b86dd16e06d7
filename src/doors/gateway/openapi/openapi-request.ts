import { type DescMethod, getOption, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { documentTaken, routeOfDocument } from '../rest/documents.js';
import { type FieldPath, textOf } from '../rest/field-path.js';
import { fieldsIn } from '../rest/path-template.js';
import { etagFinder } from '../rest/preconditions.js';
import { queryFields } from '../rest/rest-query.js';
import type { RestRoute } from '../rest/rest-routes.js';
import { exampleOf } from './example-of.js';
import { isRequired, type Schemas } from './openapi-schema.js';
import { REQUEST_EXAMPLES } from './request-examples.js';

/**
 * The parameters of an operation and its body, if it has one, with the method's example.
 * @param routes all routes: a field that is in the path of another one of the method must be empty on this one
 */
export function requestOf(route: RestRoute, routes: readonly RestRoute[], schemas: Schemas): JsonObject {
  const example = exampleOf(route);
  const inOtherPaths = fieldsOfOtherPaths(route, routes);
  const inQuery = queryFields(route).filter((path) => !inOtherPaths.some((other) => textOf(other) === textOf(path)));
  return {
    parameters: [
      ...fieldsIn(route.template).map((path) => parameter('path', path, schemas, example)),
      ...inQuery.map((path) => parameter('query', path, schemas, example)),
      ...besidesDocument(route, schemas),
      ...headerParameters(route, schemas),
    ],
    ...(route.body && { requestBody: requestBody(route, inOtherPaths, schemas, example) }),
  };
}

/** What a method's other paths name and this one does not: the client, where a calendar is that of a coach. */
function fieldsOfOtherPaths({ endpoint: { method }, template }: RestRoute, routes: readonly RestRoute[]): FieldPath[] {
  const inPath = new Set(fieldsIn(template).map(textOf));
  return routes
    .filter(({ endpoint }) => endpoint.method === method)
    .flatMap((other) => fieldsIn(other.template))
    .filter((path) => !inPath.has(textOf(path)));
}

/** What is in the query when the body is a document, and in the JSON otherwise. */
function besidesDocument(route: RestRoute, schemas: Schemas): JsonObject[] {
  const ofDocument = routeOfDocument(route);
  const mediaType = documentTaken(route.endpoint.method)?.mediaType;
  if (!ofDocument) return [];
  return queryFields(ofDocument).map((path) => {
    const field = parameter('query', path, schemas);
    return { ...field, required: false, description: `With ${mediaType} only. ${field['description']}` };
  });
}

function parameter(place: 'path' | 'query', path: FieldPath, schemas: Schemas, request?: JsonObject): JsonObject {
  const { description = '', ...schema } = schemas.ofField(path.at(-1) as FieldPath[number]);
  const example = path.reduce<JsonValue | undefined>((value, { name }) => (value as JsonObject)?.[name], request);
  const required = place === 'path' || path.every(isRequired);
  return { name: textOf(path), in: place, required, description, schema, ...(example !== undefined && { example }) };
}

function headerParameters(route: RestRoute, schemas: Schemas): JsonObject[] {
  const { method } = route.endpoint;
  const { lastEventId } = getOption(method, rest).events ?? {};
  if (lastEventId)
    return [
      { ...LAST_EVENT_ID_PARAMETER, description: `Goes on where the stream before ended; see \`${lastEventId}\`.` },
    ];
  const requestId = method.input.fields.find(({ name }) => name === 'request_id');
  const { description = '', ...schema } = requestId ? schemas.ofField(requestId) : {};
  return [
    ...(requestId ? [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }] : []),
    ...(hasField(method, 'etag') ? [IF_MATCH_PARAMETER] : []),
    ...(mayBeUnchanged(route) ? [IF_NONE_MATCH_PARAMETER] : []),
    ...(requestId ? [ACTOR_PARAMETER] : []),
  ];
}

/** Whether a request may say which etags are known, and be answered with 304. */
export function mayBeUnchanged({ verb, endpoint: { method } }: RestRoute): boolean {
  return verb === 'GET' && etagFinder(method.output) !== undefined;
}

const LAST_EVENT_ID_PARAMETER: JsonObject = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  schema: { type: 'string' },
};

const IF_MATCH_PARAMETER: JsonObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The `etag` in quotes, as the header `ETag` had it, a list of them, or `*` for any.',
  schema: { type: 'string' },
};

const IF_NONE_MATCH_PARAMETER: JsonObject = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description:
    'The header `ETag` of an earlier answer, a list of them, or `*`: what is still the same is answered by 304.',
  schema: { type: 'string' },
};

const ACTOR_PARAMETER: JsonObject = {
  name: 'X-Actor',
  in: 'header',
  required: false,
  description:
    'On whose behalf a service or an admin asks. Kept in the history; not verified. From other callers it is ignored.',
  schema: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[ -~]*$' },
};

/** Whether the method's request has the field. */
export function hasField({ input }: DescMethod, field: string): boolean {
  return input.fields.some(({ name }) => name === field);
}

/** A body is required when some of its fields are: without them, the request may have no body. */
function requestBody(
  { endpoint, body, template }: RestRoute,
  inOtherPaths: readonly FieldPath[],
  schemas: Schemas,
  request?: JsonObject,
): JsonObject {
  // A field that the path names within a message stays in the body's schema, as a part of that message.
  const inPath = [...fieldsIn(template), ...inOtherPaths].flatMap((path) => (path.length === 1 ? path : []));
  if (body === '*') {
    const schema = schemas.ofBody(endpoint.method.input, inPath);
    const inBody = Object.entries(request ?? {}).filter(([name]) => !inPath.some((field) => field.name === name));
    return withDocument(endpoint.method, jsonBody('required' in schema, schema, request && Object.fromEntries(inBody)));
  }
  return jsonBody(true, body ? schemas.ofField(body) : {}, body && request?.[body.name]);
}

function jsonBody(required: boolean, schema: JsonObject, example: JsonValue | undefined): JsonObject {
  return { required, content: { 'application/json': { schema, ...(example !== undefined && { example }) } } };
}

/** A body that is JSON, or a document in its place: the other fields are then in the query. */
function withDocument(method: DescMethod, body: JsonObject): JsonObject {
  const document = documentTaken(method);
  if (!document) return body;
  const example = REQUEST_EXAMPLES[method.name]?.document ?? '';
  const content = { ...(body['content'] as JsonObject), [document.mediaType]: { schema: { type: 'string' }, example } };
  return { required: false, content };
}
