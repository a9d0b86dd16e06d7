import type { Logger } from 'pino';
import { migrateReadModel } from '../projections/migrate-read-model.js';
import { isLoopback } from './address-ranges.js';
import { openAuthenticator } from './authentication/open-authenticator.js';
import { type Backend, startBackend } from './backend.js';
import type { Config } from './config/config.js';
import type { Database } from './database-refusals.js';
import { openDatabases, openWhenReachable } from './databases.js';
import { createAdmission } from './doors/interceptors/admission.js';
import { createCallFrame } from './doors/interceptors/call-frame.js';
import { watchLoop } from './doors/interceptors/loop-watch.js';
import { limitAdmission } from './doors/rate-limits/limited-admission.js';
import { openRateLimits } from './doors/rate-limits/open-rate-limits.js';
import { openEventStore } from './event-store/open-event-store.js';
import { AvailabilityService } from './gen/aceup/scheduler/v1/availability_service_pb.js';
import { CalendarService } from './gen/aceup/scheduler/v1/calendar_service_pb.js';
import { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import { WebhookService } from './gen/aceup/scheduler/v1/webhook_service_pb.js';
import { endpointsOf } from './handlers/endpoints.js';
import type { Metrics } from './metrics.js';
import { certificatesOf, openDoors, warnOfOpenDoors } from './open-doors.js';
import type { Readiness } from './readiness.js';
import { createShutdown, type Shutdown } from './shutdown.js';
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
  const webhooks = endpointsOf(WebhookService, frame, waiting);
  const calendars = endpointsOf(CalendarService, frame, waiting);
  const endpoints = [sessions, availability, webhooks, calendars].flatMap((service) => service.endpoints);
  const readiness: Readiness = async () =>
    backend ? backend.readiness() : [why === undefined ? waiting() : `${waiting()}: ${why}`];
  const metrics: Metrics = async () => (backend ? backend.metrics() : []);
  const streamsEnd = new AbortController();
  const endStreams = () => streamsEnd.abort();
  const known = { endStreams, readiness, metrics, zoneRules: zoneRules.version, certificates, authenticator };
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
  backend = startBackend(store, zoneRules, readModel.url, config, log, behindDoors, streamsEnd.signal);
  sessions.handleWith(backend.sessions);
  availability.handleWith(backend.availability);
  webhooks.handleWith(backend.webhooks);
  calendars.handleWith(backend.calendars);

  return { ...addresses, store: description, zoneRules: zoneRules.version };
}
