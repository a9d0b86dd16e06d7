import type { FastifyInstance, HTTPMethods } from 'fastify';
import { httpCall } from '../../incoming-call.js';
import { httpError } from '../http/problem.js';
import { requestReader } from './rest-request.js';
import { responseWriter } from './rest-response.js';
import { type RestRoute, routerPath } from './rest-routes.js';

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

/** Serves the routes as REST: JSON in proto names, errors as problems. */
export function serveRest(app: FastifyInstance, routes: readonly RestRoute[]): void {
  app.removeAllContentTypeParsers();
  // The bytes are read by the route, which knows what they should be.
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, ({ headers }, body, done) => {
    const compressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
    done(compressed ? httpError(415, 'the body must not be compressed') : null, body);
  });

  for (const route of routes) {
    const { method, invoke } = route.endpoint;
    const read = requestReader(route);
    const write = responseWriter(route);
    app.route({
      method: route.verb as HTTPMethods,
      url: routerPath(route, routes),
      handler: async (request, reply) =>
        write(await invoke(read(request), httpCall(method, 'rest', request, reply)), reply),
    });
  }
}
