import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Readiness } from '../../../readiness.js';

/**
 * `/healthz` says that the process is up. `/readyz` answers 200 when the service is ready, else 503 with the reasons.
 * Both answers of `/readyz` name the release of the rules of time zones. Whoever may not see details learns whether the
 * service is ready, and nothing else.
 */
export function serveHealth(
  app: FastifyInstance,
  readiness: Readiness,
  zoneRules: string,
  maySeeDetails: (request: FastifyRequest) => Promise<boolean>,
): void {
  app.get('/healthz', async () => ({ status: 'up' }));

  app.get('/readyz', async (request, reply) => {
    const problems = await readiness();
    const status = problems.length === 0 ? 'ready' : 'not ready';
    if (problems.length > 0) reply.code(503);
    if (!(await maySeeDetails(request))) return { status };
    return { status, ...(problems.length > 0 && { problems }), zone_rules: zoneRules };
  });
}
