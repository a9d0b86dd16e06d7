import { type DescMethodUnary, getOption, type JsonObject } from '@bufbuild/protobuf';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { type FieldPath, textOf } from '../rest/field-path.js';
import { fieldsIn } from '../rest/path-template.js';
import { etagFinder } from '../rest/preconditions.js';
import { queryFields } from '../rest/rest-query.js';
import type { RestRoute } from '../rest/rest-routes.js';
import { PROBLEM_SCHEMA, problemResponses } from './openapi-problems.js';
import { exampleOf, type Schemas, schemasWith } from './openapi-schema.js';
import type { ProtoComments } from './proto-comments.js';

/**
 * The OpenAPI 3.1 document of the routes. Descriptors and options in the protos give its content; comments in the protos
 * are its descriptions, word for word.
 */
export function openApiOf(routes: readonly RestRoute[], comments: ProtoComments): JsonObject {
  const schemas = schemasWith(comments);
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.verb.toLowerCase()]: operationOf(route, comments, schemas) };
  }
  const services = new Set(routes.map(({ endpoint }) => endpoint.method.parent));
  return {
    openapi: '3.1.0',
    info: { title: 'Session scheduler', version: '1' },
    tags: [...services].map(({ name, typeName }) => ({ name, description: comments.get(typeName) ?? '' })),
    paths,
    components: { schemas: { ...schemas.components, Problem: PROBLEM_SCHEMA } },
  };
}

function operationOf(route: RestRoute, comments: ProtoComments, schemas: Schemas): JsonObject {
  const { method } = route.endpoint;
  const { summary } = getOption(method, rest);
  return {
    operationId: method.name,
    tags: [method.parent.name],
    ...(summary && { summary }),
    description: comments.get(`${method.parent.typeName}.${method.name}`) ?? '',
    parameters: [
      ...fieldsIn(route.template).map((path) => parameter('path', path, schemas)),
      ...queryFields(route).map((path) => parameter('query', path, schemas)),
      ...headerParameters(route, schemas),
    ],
    ...(route.body && { requestBody: requestBody(route, schemas) }),
    responses: {
      ...success(route, schemas),
      ...problemResponses(method, comments, route.body !== undefined),
    },
  };
}

function parameter(place: 'path' | 'query', path: FieldPath, schemas: Schemas): JsonObject {
  const { description = '', ...schema } = schemas.ofField(path.at(-1) as FieldPath[number]);
  return { name: textOf(path), in: place, required: place === 'path', description, schema };
}

function headerParameters({ endpoint: { method } }: RestRoute, schemas: Schemas): JsonObject[] {
  const requestId = method.input.fields.find(({ name }) => name === 'request_id');
  if (!requestId) return [];
  const { description = '', ...schema } = schemas.ofField(requestId);
  return [
    { name: 'Idempotency-Key', in: 'header', required: false, description, schema },
    ...(hasField(method, 'etag') ? [IF_MATCH_PARAMETER] : []),
    ACTOR_PARAMETER,
  ];
}

const IF_MATCH_PARAMETER: JsonObject = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The `etag` in quotes, as the header `ETag` had it, a list of them, or `*` for any.',
  schema: { type: 'string' },
};

const ACTOR_PARAMETER: JsonObject = {
  name: 'X-Actor',
  in: 'header',
  required: false,
  description: 'On whose behalf the caller asks. Kept in the history; not verified.',
  schema: { type: 'string', minLength: 1, maxLength: 256, pattern: '^[ -~]*$' },
};

function hasField({ input }: DescMethodUnary, field: string): boolean {
  return input.fields.some(({ name }) => name === field);
}

function requestBody({ endpoint: { method }, body }: RestRoute, schemas: Schemas): JsonObject {
  if (body === '*') {
    const example = exampleOf(method.input);
    return { required: true, content: { 'application/json': { schema: schemas.ofMessage(method.input), example } } };
  }
  return { required: true, content: { 'application/json': { schema: body ? schemas.ofField(body) : {} } } };
}

function success({ endpoint: { method } }: RestRoute, schemas: Schemas): JsonObject {
  const { created } = getOption(method, rest);
  const location = { description: `\`${created}\``, schema: { type: 'string', format: 'uri-reference' } };
  const etag = { description: 'The etag.', schema: { type: 'string' } };
  const content = { 'application/json': { schema: schemas.ofMessage(method.output) } };
  const withEtag = etagFinder(method.output) && { ETag: etag };
  if (created) {
    return {
      ...(hasField(method, 'validate_only') && { 200: { description: 'Valid: nothing was written.', content } }),
      201: { description: 'Created.', headers: { Location: location, ...withEtag }, content },
    };
  }
  return { 200: { description: 'Done.', ...(withEtag && { headers: withEtag }), content } };
}
