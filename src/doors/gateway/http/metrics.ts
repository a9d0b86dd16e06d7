import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Metric, type Metrics, PROMETHEUS_TYPE, prometheusText } from '../../../metrics.js';
import type { Readiness } from '../../../readiness.js';
import { within } from '../../../waiting.js';
import { httpError } from './problem.js';

/** Milliseconds that the databases have to answer. */
const PATIENCE = 1_000;

/**
 * `/metrics` answers in the text format of Prometheus, for those who may see details of `/readyz`. While a database is
 * unavailable it has what is known without.
 */
export function serveMetrics(
  app: FastifyInstance,
  metrics: Metrics,
  readiness: Readiness,
  maySeeDetails: (request: FastifyRequest) => Promise<boolean>,
): void {
  let asking: Promise<readonly Metric[]> | undefined;

  // However many ask at once, the databases are asked once.
  async function current(): Promise<readonly Metric[]> {
    asking ??= metrics()
      .catch(() => [])
      .finally(() => {
        asking = undefined;
      });
    return within(asking, { limit: { ms: PATIENCE, error: () => undefined } }).catch(() => []);
  }

  app.get('/metrics', async (request, reply) => {
    if (!(await maySeeDetails(request))) throw httpError(403, 'metrics are for services and admins');
    const isReady = (await readiness()).length === 0;
    const ready = {
      name: 'scheduler_ready',
      help: '1 when /readyz answers 200, else 0.',
      samples: [{ value: isReady ? 1 : 0 }],
    };
    return reply.type(PROMETHEUS_TYPE).send(prometheusText([ready, ...(await current())]));
  });
}
