import type { Logger } from 'pino';
import { sourceMetrics } from './calendars/sources/source-counts.js';
import { createCommandsBeside } from './command-side.js';
import type { Config } from './config/config.js';
import type { ZoneRules } from './domain/zones/zone-rules.js';
import { watchAppends } from './event-store/append-watch.js';
import type { EventStore } from './event-store/event-store.js';
import { createChangeFeed } from './feeds/change-feed.js';
import { feedMetrics } from './feeds/feed-metrics.js';
import type { AvailabilityService } from './gen/aceup/scheduler/v1/availability_service_pb.js';
import type { CalendarService } from './gen/aceup/scheduler/v1/calendar_service_pb.js';
import type { SessionService } from './gen/aceup/scheduler/v1/session_service_pb.js';
import type { WebhookService } from './gen/aceup/scheduler/v1/webhook_service_pb.js';
import { availabilityServiceHandlers } from './handlers/availability-service.js';
import { calendarServiceHandlers } from './handlers/calendar-service.js';
import type { Handlers } from './handlers/endpoints.js';
import { createTurns } from './handlers/request/turns.js';
import { sessionServiceHandlers } from './handlers/session-service.js';
import { webhookServiceHandlers } from './handlers/webhook-service.js';
import { createIds } from './ids.js';
import type { Metrics } from './metrics.js';
import { startReadSide } from './read-side.js';
import { createReadiness, type Readiness } from './readiness.js';
import type { Shutdown } from './shutdown.js';
import { startCalendarLinks } from './start-calendar-links.js';
import { startCalendarSync, startCalendars } from './start-calendars.js';
import { startFeeds } from './start-feeds.js';
import { startReminders } from './start-reminders.js';
import { startWebhooks } from './start-webhooks.js';

/** Everything behind the doors. */
export interface Backend {
  readonly sessions: Handlers<typeof SessionService>;
  readonly availability: Handlers<typeof AvailabilityService>;
  readonly webhooks: Handlers<typeof WebhookService>;
  readonly calendars: Handlers<typeof CalendarService>;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}

/**
 * Starts the read side, puts the command side beside it and the handlers before both.
 * @param opened open
 * @param readModelUrl a database that has the schema of the read model
 * @param streamsEnd aborts when streams are to end, before the doors close
 */
export function startBackend(
  opened: EventStore,
  zoneRules: ZoneRules,
  readModelUrl: string,
  config: Config,
  log: Logger,
  shutdown: Shutdown,
  streamsEnd: AbortSignal,
): Backend {
  const newId = createIds();
  const watched = watchAppends(opened);
  const { store } = watched;
  const readSide = startReadSide(store, readModelUrl, log, shutdown);
  const commands = createCommandsBeside(store, readSide, newId, zoneRules, config, log);
  const { REMINDER_OFFSETS: offsets } = config;
  if (offsets.length > 0) startReminders({ store, url: readModelUrl, commands, newId, offsets }, log, shutdown);
  else void readSide.forgetReminders();
  const { position, passed: reached } = readSide.freshness;
  const changes = createChangeFeed({ store, shown: { position, reached }, log, signal: streamsEnd });
  const feedStates = startFeeds({ changes, store, url: readModelUrl, log }, config, shutdown);
  const webhooks = startWebhooks({ changes, store, url: readModelUrl, log }, config, shutdown);
  const links = startCalendarLinks(readModelUrl, log, shutdown);
  const syncCalendar = startCalendarSync({ store, commands, readSide, zoneRules, newId }, config, shutdown);
  const isToFetch = config.CALENDAR_FETCHING === 'on';
  const fetching = { url: readModelUrl, commands, syncCalendar, newId, isToFetch, log };
  const calendars = startCalendars(fetching, config, shutdown);
  const shared = { commands, now: Date.now, newId, zoneRules, store };
  const parts = { ...shared, turns: createTurns(), changes, syncCalendar, ...readSide };
  return {
    sessions: sessionServiceHandlers(parts),
    availability: availabilityServiceHandlers(parts),
    webhooks: webhookServiceHandlers(webhooks, store),
    calendars: calendarServiceHandlers({ ...parts, links, sources: calendars.sources }),
    readiness: createReadiness(watched, readSide.lag, config.PROJECTION_LAG_LIMIT_MS),
    metrics: async () => [...feedMetrics(await feedStates()), ...sourceMetrics(await calendars.counts())],
  };
}
