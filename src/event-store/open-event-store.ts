import type { Logger } from 'pino';
import type { EventStore } from './event-store.js';
import { openPostgresEventStore } from './postgres/postgres-event-store.js';
import { storeKindOf } from './store-url.js';

/**
 * Opens the event store that a URL names: `postgres://`, or `esdb://`, `kurrentdb://` and `kdb://` for KurrentDB. Throws
 * `StoreUnavailable` when it is unavailable, `KurrentdbUrlError` for a KurrentDB URL that cannot be used, and a
 * `RangeError` for any other URL.
 */
export async function openEventStore(url: string, log: Logger): Promise<EventStore> {
  const kind = storeKindOf(url);
  switch (kind) {
    case 'postgres':
      return openPostgresEventStore(url, { log });
    case 'kurrentdb': {
      // Loaded only here: the client is large, and a service with its events in Postgres does not need it.
      const { openKurrentdbEventStore } = await import('./kurrentdb/kurrentdb-event-store.js');
      return openKurrentdbEventStore(url, { log });
    }
    case undefined:
      throw new RangeError('the URL names no event store');
    default:
      throw kind satisfies never;
  }
}
