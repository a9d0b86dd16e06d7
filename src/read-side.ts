import type { Logger } from 'pino';
import { createAvailabilityQueries } from '../projections/availability/availability-queries.js';
import { createBookingPolicyQueries } from '../projections/availability/booking-policy-queries.js';
import { createTimeOffQueries } from '../projections/availability/time-off-queries.js';
import { createBookedIds } from '../projections/booked-ids/booked-ids.js';
import { createFreshness } from '../projections/freshness.js';
import { createHistoryQueries } from '../projections/history/history-queries.js';
import { createHoldQueries } from '../projections/holds/hold-queries.js';
import { createLag } from '../projections/lag.js';
import { createLongReads } from '../projections/long-reads.js';
import { forgetReminders } from '../projections/reminders/reminders-lease.js';
import { createRequestIndex } from '../projections/requests/request-queries.js';
import { runProjection } from '../projections/runner.js';
import { createSeriesQueries } from '../projections/series/series-queries.js';
import { createSessionQueries } from '../projections/sessions/session-queries.js';
import { sessions } from '../projections/sessions-projection.js';
import { createSnapshots } from '../projections/snapshots/snapshot-store.js';
import type { Reader } from './application/read-model.js';
import type { EventStore } from './event-store/event-store.js';
import { createPool } from './postgres/pool.js';
import type { Shutdown } from './shutdown.js';

/** Connections for reads that take a millisecond or two, and for those that may take long (`LongReads`). */
const SHORT_READS = 6;
const LONG_READS = 4;

/**
 * Keeps the read model up to date until the shutdown, and answers from it.
 * @param store open
 * @param url a database that has the schema of the read model
 */
export function startReadSide(store: EventStore, url: string, log: Logger, shutdown: Shutdown) {
  const open = (applicationName: string, max: number) => {
    const pool = createPool(url, { max, applicationName, log, planForGrowth: true });
    shutdown.add(() => pool.end());
    return pool;
  };
  const pool = open('read model', SHORT_READS);
  const longReads = createLongReads(open('read model, long reads', LONG_READS), LONG_READS);
  const freshness = createFreshness({ pool, projection: sessions.name });

  const running = new AbortController();
  const project = { store, url, log, signal: running.signal };
  const projecting = runProjection(sessions, { ...project, onPosition: freshness.report, rest: freshness.rest });
  shutdown.add(() => {
    running.abort();
    return projecting;
  });

  return {
    freshness,
    lag: createLag(store, pool, sessions.name),
    sessions: createSessionQueries(pool, longReads),
    history: (reader: Reader) => createHistoryQueries(longReads(reader), sessions.name),
    holds: createHoldQueries(pool, longReads),
    series: createSeriesQueries(pool, longReads),
    availability: createAvailabilityQueries(pool),
    bookingPolicies: createBookingPolicyQueries(pool),
    timeOff: createTimeOffQueries(pool, longReads),
    bookedIds: createBookedIds(pool),
    requests: createRequestIndex(pool, freshness),
    snapshots: createSnapshots(pool),
    forgetReminders: () => forgetReminders(pool).catch((err) => log.warn({ err }, 'old reminders were not forgotten')),
  };
}
