import type { FastifyInstance } from 'fastify';
import { httpError } from './problem.js';

/**
 * Answers 405 with `Allow` to the methods that a path is not served for, and OPTIONS with 204, for every route that is
 * added between this call and the call of the function that it answers.
 */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const served = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = served.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    served.set(url, methods);
  });

  return () => {
    for (const [url, methods] of [...served]) {
      const allow = [...methods, 'OPTIONS'].sort().join(', ');
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !methods.has(method)),
        // Before the body is looked at.
        onRequest: async (request, reply) => {
          reply.header('allow', allow);
          if (request.method !== 'OPTIONS') throw httpError(405, `${request.method} is not allowed here: ${allow}`);
          return reply.code(204).send();
        },
        handler: () => undefined,
      });
    }
  };
}
