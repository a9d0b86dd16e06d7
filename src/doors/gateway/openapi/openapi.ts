import { type DescMethod, getOption, type JsonObject } from '@bufbuild/protobuf';
import { access } from '../../../gen/aceup/scheduler/v1/access_pb.js';
import { ErrorReasonSchema } from '../../../gen/aceup/scheduler/v1/errors_pb.js';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { ConflictSchema } from '../../../gen/aceup/scheduler/v1/series_pb.js';
import { ObstacleSchema } from '../../../gen/aceup/scheduler/v1/slot_pb.js';
import { documentAnswered } from '../rest/documents.js';
import { etagFinder } from '../rest/preconditions.js';
import type { RestRoute } from '../rest/rest-routes.js';
import { PROBLEM_SCHEMA, problemResponses } from './openapi-problems.js';
import { hasField, mayBeUnchanged, requestOf } from './openapi-request.js';
import { type Schemas, schemasWith } from './openapi-schema.js';
import type { ProtoComments } from './proto-comments.js';
import { REQUEST_EXAMPLES } from './request-examples.js';
import { whoMayCall } from './who-may-call.js';

/** Nothing, or a token: a service without authentication needs none. */
const ANYBODY_OR_TOKEN = [{}, { token: [] }];

const ETAG = { description: 'The etag.', schema: { type: 'string' } };

const LINK = { type: 'apiKey', in: 'query', name: 'key', description: 'The key of a secret link to a calendar.' };

/**
 * The OpenAPI 3.1 document of the routes. Descriptors and options in the protos give its content; comments in the protos
 * are its descriptions, word for word; each operation says besides who may call it.
 */
export function openApiOf(routes: readonly RestRoute[], comments: ProtoComments): JsonObject {
  const schemas = schemasWith(comments);
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.verb.toLowerCase()]: operationOf(route, routes, comments, schemas),
    };
  }
  // Problems refer to these.
  schemas.ofEnum(ErrorReasonSchema, { withoutFirst: true });
  for (const message of [ConflictSchema, ObstacleSchema]) schemas.ofResponse(message);
  const services = new Set(routes.map(({ endpoint }) => endpoint.method.parent));
  return {
    openapi: '3.1.0',
    info: { title: 'Session scheduler', version: '1' },
    // The service that answers with the document.
    servers: [{ url: '/' }],
    security: ANYBODY_OR_TOKEN,
    tags: [...services].map(({ name, typeName }) => ({ name, description: comments.get(typeName) ?? '' })),
    paths,
    components: {
      schemas: { ...schemas.components, Problem: PROBLEM_SCHEMA },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' }, ...(routes.some(isByLink) && { link: LINK }) },
    },
  };
}

function operationOf(
  route: RestRoute,
  routes: readonly RestRoute[],
  comments: ProtoComments,
  schemas: Schemas,
): JsonObject {
  const { method } = route.endpoint;
  const { summary } = getOption(method, rest);
  return {
    operationId: operationIdOf(route, routes),
    tags: [method.parent.name],
    ...(summary && { summary }),
    description: `${comments.get(`${method.parent.typeName}.${method.name}`) ?? ''}\n\n${whoMayCall(method)}`,
    ...requestOf(route, routes, schemas),
    ...(isByLink(route) && { security: [...ANYBODY_OR_TOKEN, { link: [] }] }),
    responses: {
      ...success(method, linksAfter(method, routes), schemas),
      ...(mayBeUnchanged(route) && { 304: { description: 'It is still the same.', headers: { ETag: ETAG } } }),
      ...problemResponses(method, comments, route.body !== undefined),
    },
  };
}

/** Whether the key of a link may take the place of a token. */
function isByLink({ endpoint: { method } }: RestRoute): boolean {
  return getOption(method, access).byLink;
}

/** The name of the method; those of its further routes have a number. */
function operationIdOf(route: RestRoute, routes: readonly RestRoute[]): string {
  const { name } = route.endpoint.method;
  const nth = routes.filter(({ endpoint }) => endpoint.method.name === name).indexOf(route);
  return nth === 0 ? name : `${name}${nth + 1}`;
}

/** Which operations can follow a method, and where the fields in their paths are then: those of the examples. */
function linksAfter(method: DescMethod, routes: readonly RestRoute[]): JsonObject {
  const links = routes.flatMap(({ endpoint: { method: next } }): [string, JsonObject][] => {
    const after = REQUEST_EXAMPLES[next.name]?.after;
    return after?.method === method.name ? [[next.name, { operationId: next.name, parameters: after.path }]] : [];
  });
  return links.length > 0 ? { links: Object.fromEntries(links) } : {};
}

function success(method: DescMethod, links: JsonObject, schemas: Schemas): JsonObject {
  const { created } = getOption(method, rest);
  const location = { description: `\`${created}\``, schema: { type: 'string', format: 'uri-reference' } };
  const content = contentOf(method, schemas);
  const withEtag = etagFinder(method.output) && { ETag: ETAG };
  if (created) {
    return {
      ...(hasField(method, 'validate_only') && { 200: { description: 'Valid: nothing was written.', content } }),
      201: { description: 'Created.', headers: { Location: location, ...withEtag }, content, ...links },
    };
  }
  return { 200: { description: 'Done.', ...(withEtag && { headers: withEtag }), content, ...links } };
}

function contentOf(method: DescMethod, schemas: Schemas): JsonObject {
  const document = documentAnswered(method);
  if (document) return { [document.mediaType]: { schema: { type: 'string' } } };
  const mediaType = method.methodKind === 'server_streaming' ? 'text/event-stream' : 'application/json';
  return { [mediaType]: { schema: schemas.ofResponse(method.output) } };
}
