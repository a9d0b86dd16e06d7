import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { migrateReadModel } from '../projections/migrate.js';
import { runProjection } from '../projections/runner.js';
import { sessions } from '../projections/sessions/sessions.js';
import { createCoachInbox } from './application/coach-inbox.js';
import { createCoachStates } from './application/coach-states.js';
import { createRequestLedger } from './application/request-ledger.js';
import { type Config, isLoopback } from './config.js';
import { openDatabases, whenReachable } from './databases.js';
import { createGateway } from './doors/gateway/gateway.js';
import { createGrpcServer } from './doors/grpc/server.js';
import { chain } from './doors/interceptors/chain.js';
import { openPostgresEventStore } from './event-store/postgres/postgres-event-store.js';
import { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import { endpointsOf } from './handlers/endpoints.js';
import { getSessionHandler } from './handlers/get-session.js';
import { listSessionsHandler } from './handlers/list-sessions.js';
import { scheduleSessionHandler } from './handlers/schedule-session.js';
import { createSeen } from './handlers/seen.js';
import { createPool } from './postgres/pool.js';
import { createFreshness } from './read-model/freshness.js';
import { createLag } from './read-model/lag.js';
import { createRequestIndex } from './read-model/request-index.js';
import { createSessionQueries } from './read-model/session-queries.js';
import { createReadiness, watchReadiness } from './readiness.js';
import { createShutdown, type Shutdown } from './shutdown.js';

/** The service, at work. */
export interface Service {
  /** Where the gateway listens: `http://127.0.0.1:3000`. */
  readonly httpUrl: string;
  /** Where gRPC listens: `127.0.0.1:50051`. */
  readonly grpcAddress: string;
  /** Where the data is, for people. */
  readonly store: string;
  /** Takes no more calls, waits for those under way within the grace time, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Puts the service together and opens its doors. Throws when it cannot start: then nothing is left running. Waits for databases given by URL to
 * answer, until the signal aborts.
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
  if (!isLoopback(config.HOST))
    log.warn(`${config.HOST} is open to everyone who can reach it: nobody is authenticated`);

  const databases = await openDatabases(config, log, shutdown.add);
  const { eventStoreUrl, readModelUrl } = databases;
  const openStore = () => openPostgresEventStore(eventStoreUrl, { log });
  const store = await whenReachable('event store', openStore, log, signal);
  shutdown.add(store.close);

  await whenReachable('read model', () => migrateReadModel(readModelUrl), log, signal);
  const pool = createPool(readModelUrl, { max: 10, applicationName: 'read model', log });
  shutdown.add(() => pool.end());
  const freshness = createFreshness({ pool, projection: sessions.name });

  const running = new AbortController();
  const project = { store, url: readModelUrl, log, signal: running.signal };
  const projecting = runProjection(sessions, { ...project, onPosition: freshness.report });
  shutdown.add(() => {
    running.abort();
    return projecting;
  });

  const queries = createSessionQueries(pool);
  const seen = createSeen(store, freshness);
  const inbox = createCoachInbox({
    store,
    states: createCoachStates(store, config.COACH_CACHE_MB * 1024 * 1024),
    ledger: createRequestLedger(createRequestIndex(pool, freshness)),
    newId: uuidv7,
  });
  const handlers = {
    scheduleSession: scheduleSessionHandler({ inbox, now: Date.now, newId: uuidv7 }),
    getSession: getSessionHandler(queries, seen),
    listSessions: listSessionsHandler(queries, seen),
  };
  const endpoints = endpointsOf(SessionService, handlers, chain(log, config.REQUEST_TIMEOUT_MS));
  const readiness = createReadiness(createLag(store, pool, sessions.name), config.PROJECTION_LAG_LIMIT_MS);

  const grpc = createGrpcServer(endpoints, config.MAX_REQUEST_BYTES);
  const gateway = await createGateway({
    endpoints,
    log,
    readiness,
    corsOrigins: config.CORS_ORIGINS,
    maxRequestBytes: config.MAX_REQUEST_BYTES,
    shutdownGraceMs: config.SHUTDOWN_GRACE_MS,
  });
  shutdown.add(() => Promise.all([gateway.close(), grpc.close(config.SHUTDOWN_GRACE_MS)]));

  const { HOST: host, PORT, GRPC_PORT } = config;
  const grpcPort = await orPortInUse('GRPC_PORT', GRPC_PORT, grpc.listen(host, GRPC_PORT));
  const httpUrl = await orPortInUse('PORT', PORT, gateway.listen({ host, port: PORT }));
  void watchReadiness(readiness, grpc.setServing, running.signal);
  shutdown.add(() => grpc.setServing(false));

  return { httpUrl, grpcAddress: `${host}:${grpcPort}`, store: databases.description };
}

/** Another process listens at a port that the settings name. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

async function orPortInUse<Listening>(
  variable: string,
  port: number,
  listening: Promise<Listening>,
): Promise<Listening> {
  try {
    return await listening;
  } catch (error) {
    if (!/EADDRINUSE/.test(String(error))) throw error;
    throw new PortInUse(`Port ${port} is in use. Stop what listens there, or set ${variable} to another port.`);
  }
}
