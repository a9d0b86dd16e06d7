import type { Logger } from 'pino';
import { migrateReadModel } from '../projections/migrate-read-model.js';
import type { Config } from './config/config.js';
import { orSentence } from './database-refusals.js';
import { joinDatabases } from './databases.js';
import type { EventStore } from './event-store/event-store.js';
import { openEventStore } from './event-store/open-event-store.js';
import { createShutdown, type Shutdown } from './shutdown.js';

/** What a command works with, beside a service that may run. */
export interface OpenStores {
  readonly store: EventStore;
  /** The database of the read model, up to date. */
  readonly url: string;
  /** Run when the work is done, before the stores close. */
  readonly shutdown: Shutdown;
}

/**
 * Opens the event store and the read model for the work of a command, and closes them after it. Throws `Correctable` when
 * a database refuses or does not answer: a command does not wait.
 */
export async function withStores<Result>(
  config: Config,
  log: Logger,
  signal: AbortSignal,
  work: (stores: OpenStores) => Promise<Result>,
): Promise<Result> {
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  try {
    const { eventStore, readModel } = await joinDatabases(config, log, shutdown.add, signal);
    const store = await orSentence(eventStore, () => openEventStore(eventStore.url, log));
    shutdown.add(store.close);
    await orSentence(readModel, () => migrateReadModel(readModel.url));
    return await work({ store, url: readModel.url, shutdown });
  } finally {
    await shutdown.run();
  }
}
