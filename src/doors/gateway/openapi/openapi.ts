import { type DescMethodUnary, getOption, type JsonObject } from '@bufbuild/protobuf';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { type FieldPath, resolveFieldPath, textOf } from '../rest/field-path.js';
import { fieldsIn } from '../rest/path-template.js';
import { queryFields } from '../rest/rest-query.js';
import type { RestRoute } from '../rest/rest-routes.js';
import { PROBLEM_SCHEMA, problemResponses, withoutErrors } from './openapi-problems.js';
import { exampleOf, type Schemas, schemasWith } from './openapi-schema.js';
import type { ProtoComments } from './proto-comments.js';

/** The OpenAPI 3.1 document of the routes, with the comments in the protos for descriptions. */
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
    tags: [...services].map(({ name, typeName }) => ({
      name,
      description: withoutErrors(comments.get(typeName) ?? ''),
    })),
    paths,
    components: { schemas: { ...schemas.components, Problem: PROBLEM_SCHEMA } },
  };
}

function operationOf(route: RestRoute, comments: ProtoComments, schemas: Schemas): JsonObject {
  const { method } = route.endpoint;
  const comment = comments.get(`${method.parent.typeName}.${method.name}`) ?? '';
  return {
    operationId: method.name,
    tags: [method.parent.name],
    description: withoutErrors(comment),
    parameters: [
      ...fieldsIn(route.template).map((path) => parameter('path', path, schemas)),
      ...queryFields(route).map((path) => parameter('query', path, schemas)),
      ...headerParameters(route, schemas),
    ],
    ...(route.body && { requestBody: requestBody(route, schemas) }),
    responses: {
      ...success(route, schemas),
      ...problemResponses(
        [comment, saidOf(method, comments.get(method.parent.typeName) ?? '')],
        route.body !== undefined,
      ),
    },
  };
}

function parameter(place: 'path' | 'query', path: FieldPath, schemas: Schemas): JsonObject {
  const { description = '', ...schema } = schemas.ofField(path.at(-1) as FieldPath[number]);
  return { name: textOf(path), in: place, required: place === 'path', description, schema };
}

function headerParameters({ endpoint: { method } }: RestRoute, schemas: Schemas): JsonObject[] {
  if (!isCommand(method)) return [];
  const header = (name: string, fieldName: string): JsonObject[] => {
    const field = method.input.fields.find((one) => one.name === fieldName);
    if (!field) return [];
    const { description = '', ...schema } = schemas.ofField(field);
    return [{ name, in: 'header', required: false, description, schema }];
  };
  return [...header('Idempotency-Key', 'request_id'), ...header('If-Match', 'etag'), ACTOR_PARAMETER];
}

const ACTOR_PARAMETER: JsonObject = {
  name: 'X-Actor',
  in: 'header',
  required: false,
  description: 'On whose behalf the caller asks; kept in the history, and not checked.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

/** Whether a method changes something, which may then be asked for with a request id. */
function isCommand(method: DescMethodUnary): boolean {
  return hasField(method, 'request_id');
}

function hasField({ input }: DescMethodUnary, field: string): boolean {
  return input.fields.some(({ name }) => name === field);
}

/** What a service says of all methods, or of such commands as this one, paragraph by paragraph. */
function saidOf(method: DescMethodUnary, comment: string): string {
  const isSaid = (paragraph: string) => {
    if (paragraph.startsWith('Every method')) return true;
    return paragraph.startsWith('A command for a session') ? hasField(method, 'etag') : isCommand(method);
  };
  return comment.split('\n\n').filter(isSaid).join('\n\n');
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
  const etag = { description: 'The etag of the session.', schema: { type: 'string' } };
  const content = { 'application/json': { schema: schemas.ofMessage(method.output) } };
  const ofSession = resolveFieldPath(method.output, 'session.etag') && { ETag: etag };
  if (created) {
    return {
      ...(hasField(method, 'validate_only') && { 200: { description: 'Valid: nothing was written.', content } }),
      201: { description: 'Created.', headers: { Location: location, ...ofSession }, content },
    };
  }
  return { 200: { description: 'Done.', ...(ofSession && { headers: ofSession }), content } };
}
