import { getOption, type JsonObject, type Message, toJson } from '@bufbuild/protobuf';
import type { FastifyReply } from 'fastify';
import { rest } from '../../gen/aceup/scheduler/v1/rest_pb.js';
import type { FieldPath } from './field-path.js';
import { parsePathTemplate } from './path-template.js';
import type { RestRoute } from './rest-routes.js';

/**
 * Makes what answers a response on the route: JSON in proto names, empty lists and texts included. A method that
 * creates something answers 201 with its `Location`.
 */
export function responseWriter({
  endpoint: { method },
}: RestRoute): (response: Message, reply: FastifyReply) => string {
  const { created } = getOption(method, rest);
  const location = created && parsePathTemplate(created, method.output);

  return (response, reply) => {
    if (location) {
      const path = location.map((part) =>
        typeof part === 'string' ? part : encodeURIComponent(String(valueAt(response, part))),
      );
      reply.code(201).header('location', path.join(''));
    }
    reply.header('content-type', 'application/json; charset=utf-8');
    return JSON.stringify(toJson(method.output, response, { useProtoFieldName: true, alwaysEmitImplicit: true }));
  };
}

function valueAt(message: Message, path: FieldPath): unknown {
  return path.reduce<unknown>((value, { localName }) => (value as JsonObject | undefined)?.[localName], message);
}
