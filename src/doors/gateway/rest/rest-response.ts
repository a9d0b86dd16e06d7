import { getOption, type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import type { FastifyReply } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { type FieldPath, resolveFieldPath } from './field-path.js';
import { type PathTemplate, parsePathTemplate } from './path-template.js';
import type { RestRoute } from './rest-routes.js';

/**
 * Makes what answers a response on the route: JSON in proto names, empty lists and texts included. A method that
 * creates something answers 201 with its `Location`, once there is something to find there. What has an etag is answered
 * with the header `ETag`.
 */
export function responseWriter({
  endpoint: { method },
}: RestRoute): (response: Message, reply: FastifyReply) => string {
  const { created } = getOption(method, rest);
  const location = created && parsePathTemplate(created, method.output);
  const etag = resolveFieldPath(method.output, 'session.etag');

  return (response, reply) => {
    const place = location && pathTo(location, response);
    if (place) reply.code(201).header('location', place);
    const version = etag && valueAt(response, etag);
    if (version) reply.header('etag', `"${version}"`);
    reply.header('content-type', 'application/json; charset=utf-8');
    return JSON.stringify(toJson(method.output, response, { useProtoFieldName: true, alwaysEmitImplicit: true }));
  };
}

/** Where what was created can be found; undefined when nothing was, since the command was only validated. */
function pathTo(template: PathTemplate, response: Message): string | undefined {
  const parts = template.map((part) => (typeof part === 'string' ? part : encodeURIComponent(textAt(response, part))));
  return template.every((part, index) => typeof part === 'string' || parts[index] !== '') ? parts.join('') : undefined;
}

function textAt(message: Message, path: FieldPath): string {
  return String(valueAt(message, path) ?? '');
}

function valueAt(message: Message, path: FieldPath): unknown {
  return path.reduce<unknown>((value, { localName }) => (value as JsonObject | undefined)?.[localName], message);
}
