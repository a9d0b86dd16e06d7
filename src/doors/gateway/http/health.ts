import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../../../readiness.js';

/**
 * `/healthz` says that the process is up. `/readyz` answers 200 when the service is ready, else 503 with the reasons.
 * Both answers of `/readyz` name the release of the rules of time zones.
 */
export function serveHealth(app: FastifyInstance, readiness: Readiness, zoneRules: string): void {
  app.get('/healthz', async () => ({ status: 'up' }));

  app.get('/readyz', async (_request, reply) => {
    const problems = await readiness();
    if (problems.length === 0) return { status: 'ready', zone_rules: zoneRules };
    return reply.code(503).send({ status: 'not ready', problems, zone_rules: zoneRules });
  });
}
