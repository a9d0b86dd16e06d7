import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { migrateReadModel } from '../projections/migrate-read-model.js';
import type { Authenticator } from './authentication/authenticator.js';
import { openAuthenticator } from './authentication/open-authenticator.js';
import { type Backend, startBackend } from './backend.js';
import { authenticates, type Config, isLoopback } from './config.js';
import type { Database } from './database-refusals.js';
import { openDatabases, openWhenReachable } from './databases.js';
import { createGateway } from './doors/gateway/gateway.js';
import { createGrpcServer } from './doors/grpc/server.js';
import { authorizationOf } from './doors/incoming-call.js';
import { createAdmission } from './doors/interceptors/admission.js';
import { createCallFrame } from './doors/interceptors/call-frame.js';
import { watchLoop } from './doors/interceptors/loop-watch.js';
import { doorLimits } from './doors/limits.js';
import { limitAdmission } from './doors/rate-limits/limited-admission.js';
import { openRateLimits } from './doors/rate-limits/open-rate-limits.js';
import { type LiveCertificates, openCertificates } from './doors/tls/live-certificates.js';
import { openEventStore } from './event-store/open-event-store.js';
import { AvailabilityService } from './gen/aceup/scheduler/v1/availability_service_pb.js';
import { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import type { Endpoint } from './handlers/call.js';
import { endpointsOf } from './handlers/endpoints.js';
import { listenAt } from './listening.js';
import { type Readiness, watchReadiness } from './readiness.js';
import { createShutdown, type Shutdown } from './shutdown.js';
import { pause } from './waiting.js';
import { loadZoneRules } from './zone-rules/load-zone-rules.js';
import { logZoneRules } from './zone-rules/log-zone-rules.js';

/** The service, at work. */
export interface Service {
  /** Where the gateway listens: `http://127.0.0.1:3000`. */
  readonly httpUrl: string;
  /** Where gRPC listens: `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** Where the data is, for people. */
  readonly store: string;
  /** The release of the rules of time zones: `2026f`. */
  readonly zoneRules: string;
  /**
   * Says that it is not ready, and goes on for the drain time; then takes no more calls, waits for those under way within
   * the grace time, and closes everything.
   */
  stop(): Promise<void>;
}

/**
 * Puts the service together and opens its doors. Throws when it cannot start: then nothing is left running. While a
 * database given by URL does not answer, the doors are open and answer UNAVAILABLE, `/readyz` says what is missing, and
 * the promise waits, until the signal aborts.
 */
export async function startService(config: Config, log: Logger, signal: AbortSignal): Promise<Service> {
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  try {
    return { ...(await openService(config, log, signal, shutdown)), stop: shutdown.run };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function openService(config: Config, log: Logger, signal: AbortSignal, shutdown: Shutdown) {
  const authenticator = await openAuthenticator(config, log);
  if (authenticator) shutdown.add(authenticator.stop);
  const certificates = await certificatesOf(config, log);
  if (certificates) shutdown.add(certificates.stop);
  if (!isLoopback(config.HOST)) warnOfOpenDoors(config, log);

  const zoneRules = loadZoneRules(config.ZONE_RULES);
  logZoneRules(zoneRules.version, log);
  const { eventStore, readModel, description } = await openDatabases(config, log, shutdown.add);
  // What stands behind the doors is started after them, and has to outlive them.
  const behindDoors = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  shutdown.add(behindDoors.run);

  let backend: Backend | undefined;
  let missing = 'event store';
  let why: string | undefined;
  const waiting = () => `the service waits for the ${missing}`;
  const loop = watchLoop(log);
  shutdown.add(loop.stop);
  const admission = limitAdmission(createAdmission(authenticator), await openRateLimits(config, log, shutdown.add));
  const frame = createCallFrame(log, admission, config.REQUEST_TIMEOUT_MS, loop);
  const sessions = endpointsOf(SessionService, frame, waiting);
  const availability = endpointsOf(AvailabilityService, frame, waiting);
  const endpoints = [...sessions.endpoints, ...availability.endpoints];
  const readiness: Readiness = async () =>
    backend ? backend.readiness() : [why === undefined ? waiting() : `${waiting()}: ${why}`];
  const known = { readiness, zoneRules: zoneRules.version, certificates, authenticator };
  const addresses = await openDoors(config, log, endpoints, known, shutdown);

  function reach<Opened>(what: string, database: Database, open: (url: string) => Promise<Opened>): Promise<Opened> {
    missing = what;
    why = undefined;
    const onWait = (reason: string) => {
      why = reason;
    };
    return openWhenReachable(what, database, open, { log, signal, onWait });
  }
  const store = await reach('event store', eventStore, (url) => openEventStore(url, log));
  behindDoors.add(store.close);
  await reach('read model', readModel, migrateReadModel);
  backend = startBackend(store, zoneRules, readModel.url, config, log, behindDoors);
  sessions.handleWith(backend.sessions);
  availability.handleWith(backend.availability);

  return { ...addresses, store: description, zoneRules: zoneRules.version };
}

/** The certificates that the settings name; undefined without TLS. */
async function certificatesOf(
  { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: clientCa }: Config,
  log: Logger,
): Promise<LiveCertificates | undefined> {
  return cert && key ? openCertificates({ cert, key, clientCa }, log) : undefined;
}

function warnOfOpenDoors(config: Config, log: Logger): void {
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

/** What the doors get to know besides their endpoints. */
interface KnownToDoors {
  readonly readiness: Readiness;
  readonly zoneRules: string;
  readonly certificates: LiveCertificates | undefined;
  readonly authenticator: Authenticator | undefined;
}

/** Whether who asks is one of those who run the service, or may act for everybody. Without authentication, all may. */
async function maySeeDetails(authenticator: Authenticator | undefined, request: FastifyRequest): Promise<boolean> {
  if (!authenticator) return true;
  try {
    const { principal } = await authenticator.authenticate({ authorization: () => authorizationOf(request) });
    return principal.roles.has('service') || principal.roles.has('admin');
  } catch {
    return false;
  }
}

async function openDoors(
  config: Config,
  log: Logger,
  endpoints: readonly Endpoint[],
  { readiness, zoneRules, certificates, authenticator }: KnownToDoors,
  shutdown: Shutdown,
) {
  const draining = new AbortController();
  const readyUntilStopped: Readiness = async () =>
    draining.signal.aborted ? ['the service is stopping'] : readiness();
  const limits = doorLimits(config.MAX_REQUEST_BYTES, config.TRUST_PROXY);
  const maxRequestBytes = config.MAX_REQUEST_BYTES;
  const tls = certificates && { certificates };
  const servesDocs = config.API_DOCS ?? !authenticator;
  const grpc = createGrpcServer({ endpoints, maxRequestBytes, limits, reflects: servesDocs, ...tls });
  const gateway = await createGateway({
    endpoints,
    log,
    readiness: readyUntilStopped,
    zoneRules,
    draining: draining.signal,
    allowedHosts: namesOf(config),
    corsOrigins: config.CORS_ORIGINS,
    ...tls,
    maxRequestBytes,
    servesDocs,
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
  });
  return { httpUrl, grpcAddress };
}
