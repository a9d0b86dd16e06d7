import { create, type DescMessage, getOption, toJson } from '@bufbuild/protobuf';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { rest } from '../../../gen/aceup/scheduler/v1/rest_pb.js';
import { answerWriters } from '../../../gen/methods_json.js';
import type { Answer, UnaryEndpoint } from '../../../handlers/call.js';
import { AS_ANSWERED } from '../../../json/as-answered.js';
import { httpCall } from '../../incoming-call.js';
import { requestSizeOf } from '../../request-size.js';
import { decodedBody } from '../http/compression.js';
import type { Connections } from '../http/connections.js';
import { forSecretAddress } from '../http/secret-addresses.js';
import { bodyCheck } from './body-check.js';
import { conditionally, IF_MATCH_HEADER, IF_NONE_MATCH_HEADER, type WriteAnswer } from './conditional-requests.js';
import { bodyTypes, documentAnswered, documentTypes, JSON_TYPE, writeDocument } from './documents.js';
import { type PathTemplate, parsePathTemplate } from './path-template.js';
import { etagFinder, valueAt } from './preconditions.js';
import { requestReader } from './request-reader.js';
import { isStreamed, isUnary, type RestRoute, routerPath } from './rest-routes.js';
import { serveEvents } from './server-sent-events.js';

/** Serves the routes as REST: JSON in proto names, errors as problems, streams as server-sent events. */
export function serveRest(app: FastifyInstance, routes: readonly RestRoute[], connections: Connections): void {
  app.removeAllContentTypeParsers();
  // The route reads the bytes: it knows what they should be.
  for (const type of [JSON_TYPE, ...documentTypes(routes)]) {
    app.addContentTypeParser<Buffer>(type, { parseAs: 'buffer' }, (request, body, done) => {
      if (request.headers['content-encoding'] === undefined) done(null, body);
      else decodedBody(request, body, done);
    });
  }

  const maxRequestBytes = app.initialConfig.bodyLimit as number;
  for (const route of routes.filter(isStreamed)) serveEvents(app, route, routes, connections);
  for (const route of routes.filter(isUnary)) {
    const { method, invoke } = route.endpoint;
    const size = requestSizeOf(method, maxRequestBytes);
    const refuse = bodyCheck(method, size);
    const read = requestReader(route);
    const write = answerWriter(route);
    const answerOnCondition = conditionally(route, routes, read, write);
    app.route({
      method: route.verb as HTTPMethods,
      url: routerPath(route, routes),
      bodyLimit: size.largest,
      config: { bodyTypes: bodyTypes(method) },
      ...forSecretAddress(method),
      // Answers by itself: Fastify would add two promises to the handler's own.
      handler(request, reply) {
        const { headers } = request;
        const refusal = refuse(request);
        if (refusal) return reply.send(refusal);
        if (headers[IF_MATCH_HEADER] !== undefined || headers[IF_NONE_MATCH_HEADER] !== undefined) {
          answerOnCondition(request, reply).catch((error) => reply.send(error));
          return;
        }
        invoke(() => read(request), httpCall(method, 'rest', request, reply))
          .then((answer) => reply.send(write(answer, reply)))
          .catch((error) => reply.send(error));
      },
    });
  }
}

/**
 * Makes the function that writes an answer on the route: JSON in proto names, with empty lists and texts. A method that
 * creates something answers 201 with its `Location`, unless nothing was created. An answer with an etag also has the
 * header `ETag`.
 */
function answerWriter({ endpoint: { method } }: RestRoute<UnaryEndpoint>): WriteAnswer {
  const { created } = getOption(method, rest);
  const write = answerWriters.get(method.output) ?? ((answer: Answer) => writtenByReflection(method.output, answer));
  const location = created && parsePathTemplate(created, method.output);
  const etagOf = etagFinder(method.output);
  const document = documentAnswered(method);

  return (answer, reply) => {
    const place = location && pathTo(location, answer);
    if (place) reply.code(201).header('location', place);
    const version = etagOf?.(answer);
    // The etag of a document is weak: that of its compressed form is the same, and no command takes it.
    if (version) reply.header('etag', document ? `W/"${version}"` : `"${version}"`);
    if (document) return writeDocument(document, answer, reply);
    reply.header('content-type', 'application/json; charset=utf-8');
    return write(answer);
  };
}

function writtenByReflection(desc: DescMessage, answer: Answer): string {
  const message = create(desc, answer);
  return JSON.stringify(toJson(desc, message, AS_ANSWERED));
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
