import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Endpoint } from '../../handlers/call.js';
import type { Metrics } from '../../metrics.js';
import type { Readiness } from '../../readiness.js';
import { CORRELATION_ID_HEADER, correlationIdFrom, nameCallers } from '../incoming-call.js';
import type { DoorLimits } from '../limits.js';
import { trackSockets } from '../open-sockets.js';
import type { LiveCertificates } from '../tls/live-certificates.js';
import { serveConnect } from './connect/connect.js';
import { compressAnswers } from './http/compression.js';
import { limitConnections } from './http/connections.js';
import { continueInOrder } from './http/continue.js';
import { allowOrigins, originCheck } from './http/cors.js';
import { serveHealth } from './http/health.js';
import { hostCheck, type RequestCheck } from './http/hosts.js';
import { limitSessions, refuseUntypedBodies, secureServerOf } from './http/http2-sessions.js';
import { refuseOtherMethods } from './http/method-not-allowed.js';
import { serveMetrics } from './http/metrics.js';
import { answerBrokenHttp, answerBrokenPath, answerWithProblems } from './http/refusals.js';
import { overTls } from './http/secure-server.js';
import { refuseTokensInUrls } from './http/tokens-in-urls.js';
import { serveDocs } from './openapi/docs.js';
import { openApiOf } from './openapi/openapi.js';
import { readProtoComments } from './openapi/proto-comments.js';
import { serveRest } from './rest/rest.js';
import { restRoutesOf } from './rest/rest-routes.js';

/** What the gateway is made of. */
export interface GatewayParts {
  readonly endpoints: readonly Endpoint[];
  /** Gets a line for each request that is refused before it makes a call. Calls are logged by their frame. */
  readonly log: Logger;
  /** See `hostCheck`. */
  readonly allowedHosts: readonly string[];
  /** See `allowOrigins` and `originCheck`. */
  readonly corsOrigins: readonly string[];
  /** A larger body is answered 413, or RESOURCE_EXHAUSTED. */
  readonly maxRequestBytes: number;
  readonly limits: DoorLimits;
  /** Whether the gateway serves the OpenAPI document and the page that shows it. */
  readonly servesDocs: boolean;
  /** With them the gateway speaks TLS, without them plain text. */
  readonly certificates?: LiveCertificates;
  /** What `/readyz` asks. */
  readonly readiness: Readiness;
  /** What `/metrics` asks. */
  readonly metrics: Metrics;
  /** Whether a request for `/readyz` or `/metrics` is of somebody who may see how the service does. */
  readonly maySeeDetails: (request: FastifyRequest) => Promise<boolean>;
  /** The release of the rules of time zones, which `/readyz` names. */
  readonly zoneRules: string;
  /**
   * From its abort on, an answer ends its connection, unless others are pipelined behind it: a caller who is about to use a
   * connection that is kept would find it closed when the gateway closes.
   */
  readonly draining: AbortSignal;
  /** How long requests under way may take once the gateway closes, in milliseconds; then their connections are cut. */
  readonly shutdownGraceMs: number;
}

// More than the headers' size allows, so that the rule for ids refuses an id that is too long, and says so best.
const MAX_PATH_PARAMETER_LENGTH = 16 * 1024;
// A verb such as `:cancel` after a colon that a careful client has encoded; the router decodes it in parameters only.
const ENCODED_VERB = /^([^?]*)%3A(?=[A-Za-z]+(?:\?|$))/i;

/**
 * The HTTP door, ready to listen: REST as the google.api.http options in the protos say, Connect, gRPC-Web, the OpenAPI
 * document and health. Throws for an option that cannot be served. `close()` waits for the requests under way.
 */
export async function createGateway(parts: GatewayParts): Promise<FastifyInstance> {
  const { endpoints, log } = parts;
  const app = Fastify({
    ...(parts.certificates && overTls(parts.certificates, parts.limits)),
    bodyLimit: parts.maxRequestBytes,
    requestTimeout: parts.limits.requestTimeout,
    // While the gateway closes, requests over open connections are still answered.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => (url.includes('%3') ? url.replace(ENCODED_VERB, '$1:') : url),
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_LENGTH },
    genReqId: ({ headers }) => correlationIdFrom(headers[CORRELATION_ID_HEADER]?.toString()),
    frameworkErrors: (_error, _request, reply) => answerBrokenPath(log, reply),
    clientErrorHandler: (error, socket) => answerBrokenHttp(log, error, socket),
  });
  continueInOrder(app);
  nameCallers(app, parts.limits.callerOf);
  checkAndName(app, [hostCheck(parts.allowedHosts), originCheck(parts.corsOrigins), refuseTokensInUrls]);
  const connections = limitConnections(app, parts.limits, parts.draining);
  if (secureServerOf(app)) refuseUntypedBodies(app);
  answerWithProblems(app, log);
  compressAnswers(app);
  await allowOrigins(app, parts.corsOrigins);
  const routes = restRoutesOf(endpoints);
  if (parts.servesDocs) await serveDocs(app, openApiOf(routes, await readProtoComments()));

  const refuseTheRest = refuseOtherMethods(app);
  serveRest(app, routes, connections);
  await app.register(async (scope) => serveConnect(scope, endpoints, { log, connections }));
  serveHealth(app, parts.readiness, parts.zoneRules, parts.maySeeDetails);
  serveMetrics(app, parts.metrics, parts.readiness, parts.maySeeDetails);
  refuseTheRest();

  endAtClose(app, parts);
  await app.ready();
  return app;
}

/** Every answer has the request's correlation id, also one that a check refuses. One hook: each costs every request. */
function checkAndName(app: FastifyInstance, checks: readonly RequestCheck[]): void {
  app.decorateRequest('reachedEndpoint', false);

  app.addHook('onRequest', (request, reply, done) => {
    reply.header(CORRELATION_ID_HEADER, request.id);
    for (const check of checks) {
      const refusal = check(request);
      if (refusal) return done(refusal);
    }
    done();
  });
}

/** Once the gateway closes, idle connections end now, and all others at the end of the grace time. */
function endAtClose(app: FastifyInstance, { limits, draining, shutdownGraceMs }: GatewayParts): void {
  const secure = secureServerOf(app);
  const sessions = secure && limitSessions(secure, limits, draining);
  const cutOffAll = secure ? trackSockets(secure) : () => app.server.closeAllConnections();
  app.addHook('preClose', async () => {
    sessions?.close();
    const timer = setTimeout(cutOffAll, shutdownGraceMs).unref();
    app.server.once('close', () => clearTimeout(timer));
  });
}
