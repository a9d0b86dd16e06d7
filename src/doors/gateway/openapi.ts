import { getOption, type JsonObject } from '@bufbuild/protobuf';
import { rest } from '../../gen/aceup/scheduler/v1/rest_pb.js';
import { type FieldPath, textOf } from './field-path.js';
import { PROBLEM_SCHEMA, problemResponses, withoutErrors } from './openapi-problems.js';
import { exampleOf, type Schemas, schemasWith } from './openapi-schema.js';
import { fieldsIn } from './path-template.js';
import type { ProtoComments } from './proto-comments.js';
import { queryFields } from './rest-query.js';
import type { RestRoute } from './rest-routes.js';

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
      ...problemResponses([comment, comments.get(method.parent.typeName) ?? ''], route.body !== undefined),
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
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }];
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
  return {
    [created ? 201 : 200]: {
      description: created ? 'Created.' : 'Done.',
      ...(created && { headers: { Location: location } }),
      content: { 'application/json': { schema: schemas.ofMessage(method.output) } },
    },
  };
}
