import pino from 'pino';
import type { EventStore } from '../../src/event-store/event-store.js';
import {
  type KurrentdbEventStoreOptions,
  openKurrentdbEventStore,
} from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { startKurrentdbStandIn } from './kurrentdb-stand-in/stand-in.js';

/** A KurrentDB event store for a test. */
export interface TestEventStore {
  readonly url: string;
  readonly store: EventStore;
  /** Opens the same log a second time, as another process would. */
  openAnother(options?: Partial<KurrentdbEventStoreOptions>): Promise<EventStore>;
  /** Closes every store that was opened, and the server if it was started for them. */
  close(): Promise<void>;
}

/**
 * Opens an event store in the KurrentDB that the variable KURRENTDB_URL names; without it, in a stand-in with an empty
 * log.
 */
export async function openTestEventStore(): Promise<TestEventStore> {
  const real = process.env['KURRENTDB_URL'];
  const standIn = real ? undefined : await startKurrentdbStandIn();
  const url = real ?? standIn!.url;
  const stores: EventStore[] = [];
  const open = async (options?: Partial<KurrentdbEventStoreOptions>) => {
    const store = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }), ...options });
    stores.push(store);
    return store;
  };
  return {
    url,
    store: await open(),
    openAnother: open,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await standIn?.stop();
    },
  };
}
