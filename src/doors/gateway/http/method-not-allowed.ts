import type { FastifyInstance } from 'fastify';
import { httpError } from './problem.js';

/**
 * Answers 405 with `Allow` to every method that a path does not serve, and 204 to OPTIONS. Holds for the routes that
 * are added after this call and before the call of the function that it returns.
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
        // Before the body is read.
        onRequest: async (request, reply) => {
          reply.header('allow', allow);
          if (request.method !== 'OPTIONS')
            throw httpError(405, `${request.method} is not allowed here; allowed are ${allow}`);
          return reply.code(204).send();
        },
        handler: () => undefined,
      });
    }
  };
}
