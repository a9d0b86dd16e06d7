import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Authenticator } from './authentication/authenticator.js';
import { authenticates, servesDocs } from './config/access.js';
import type { Config } from './config/config.js';
import { createGateway } from './doors/gateway/gateway.js';
import { createGrpcServer } from './doors/grpc/server.js';
import { authorizationOf } from './doors/incoming-call.js';
import { doorLimits } from './doors/limits.js';
import { type LiveCertificates, openCertificates } from './doors/tls/live-certificates.js';
import { actsForAnybody } from './handlers/access/principal.js';
import type { Endpoint } from './handlers/call.js';
import { listenAt } from './listening.js';
import type { Service } from './main.js';
import type { Metrics } from './metrics.js';
import { type Readiness, watchReadiness } from './readiness.js';
import type { Shutdown } from './shutdown.js';
import { pause } from './waiting.js';

/** What the doors get to know besides their endpoints. */
export interface KnownToDoors {
  /** Ends the streams of the endpoints, which would not end by themselves. */
  readonly endStreams: () => void;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly zoneRules: string;
  readonly certificates: LiveCertificates | undefined;
  readonly authenticator: Authenticator | undefined;
}

/**
 * Opens both doors, and has them closed at the shutdown, after the drain time. Throws `Correctable` when a port cannot be
 * listened at.
 */
export async function openDoors(
  config: Config,
  log: Logger,
  endpoints: readonly Endpoint[],
  { endStreams, readiness, metrics, zoneRules, certificates, authenticator }: KnownToDoors,
  shutdown: Shutdown,
): Promise<Pick<Service, 'httpUrl' | 'grpcAddress'>> {
  const draining = new AbortController();
  const readyUntilStopped: Readiness = async () =>
    draining.signal.aborted ? ['the service is stopping'] : readiness();
  const limits = doorLimits(config.MAX_REQUEST_BYTES, config.TRUST_PROXY, config.RATE_LIMIT_STREAMS);
  const maxRequestBytes = config.MAX_REQUEST_BYTES;
  const tls = certificates && { certificates };
  const grpc = createGrpcServer({ endpoints, maxRequestBytes, limits, reflects: servesDocs(config), ...tls });
  const gateway = await createGateway({
    endpoints,
    log,
    readiness: readyUntilStopped,
    metrics,
    zoneRules,
    draining: draining.signal,
    allowedHosts: namesOf(config),
    corsOrigins: config.CORS_ORIGINS,
    ...tls,
    maxRequestBytes,
    servesDocs: servesDocs(config),
    maySeeDetails: (request) => maySeeDetails(authenticator, request),
    limits,
    shutdownGraceMs: config.SHUTDOWN_GRACE_MS,
  });
  shutdown.add(() => Promise.all([gateway.close(), grpc.close(config.SHUTDOWN_GRACE_MS)]));

  const { HOST: host, PORT: port, GRPC_PORT } = config;
  const grpcPort = await listenAt({ host, port: GRPC_PORT, variable: 'GRPC_PORT' }, () => grpc.listen(host, GRPC_PORT));
  const httpUrl = await listenAt({ host, port, variable: 'PORT' }, () => gateway.listen({ host, port }));
  const grpcAddress = `${host}:${grpcPort}`;
  log.info({ httpUrl, grpcAddress }, 'the doors are open');

  const open = new AbortController();
  void watchReadiness(readyUntilStopped, grpc.setServing, open.signal);
  shutdown.add(async () => {
    open.abort();
    grpc.setServing(false);
    draining.abort();
    await pause(config.SHUTDOWN_DRAIN_MS);
    endStreams();
    grpc.endStreams();
  });
  return { httpUrl, grpcAddress };
}

/** The certificates that the settings name; undefined without TLS. */
export async function certificatesOf(
  { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: clientCa }: Config,
  log: Logger,
): Promise<LiveCertificates | undefined> {
  return cert && key ? openCertificates({ cert, key, clientCa }, log) : undefined;
}

/** Says in the log what a service that others can reach does not keep from them. */
export function warnOfOpenDoors(config: Config, log: Logger): void {
  const { HOST, TLS_CERT_FILE, TLS_CLIENT_CA_FILE, TRUST_PROXY } = config;
  if (!authenticates(config) && !TLS_CLIENT_CA_FILE)
    log.warn(`${HOST} is open to everyone who can reach it: callers are not authenticated`);
  if (!TLS_CERT_FILE && TRUST_PROXY.length === 0) {
    log.warn(`${HOST} is open without TLS: who is on the way can read and change what callers send and get`);
  }
}

/** The names under which callers reach the gateway. Who listens at a name means to be reached by it. */
function namesOf({ HOST, ALLOWED_HOSTS }: Config): readonly string[] {
  return [...ALLOWED_HOSTS, ...(isIP(HOST) === 0 ? [HOST] : [])];
}

/** Whether who asks is one of those who run the service, or may act for everybody. Without authentication, all may. */
async function maySeeDetails(authenticator: Authenticator | undefined, request: FastifyRequest): Promise<boolean> {
  if (!authenticator) return true;
  try {
    const { principal } = await authenticator.authenticate({ authorization: () => authorizationOf(request) });
    return actsForAnybody(principal);
  } catch {
    return false;
  }
}
