import type { Logger } from 'pino';
import { migrateReadModel } from '../projections/migrate.js';
import { rebuildProjection } from '../projections/rebuild.js';
import { sessions } from '../projections/sessions/sessions.js';
import type { Config } from './config.js';
import { openDatabases } from './databases.js';
import { DataDirectoryInUse } from './embedded-postgres/ownership.js';
import { runningDatabaseUrl } from './embedded-postgres/running.js';
import { openPostgresEventStore } from './event-store/postgres/postgres-event-store.js';
import { createShutdown } from './shutdown.js';

const PROJECTIONS = [sessions];

/** There is no projection of that name. */
export class UnknownProjection extends Error {
  override readonly name = 'UnknownProjection';
}

/**
 * Makes a projection anew from the log, while the service may run on the same databases. Throws `UnknownProjection`, the signal's reason, and what
 * `rebuildProjection` throws.
 */
export async function rebuild(name: string, config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const projection = PROJECTIONS.find((one) => one.name === name);
  if (!projection) {
    throw new UnknownProjection(`There is no projection "${name}", only: ${PROJECTIONS.map((one) => one.name)}.`);
  }
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  try {
    const { eventStoreUrl, readModelUrl } = await databasesOf(config, log, shutdown.add, signal);
    const store = await openPostgresEventStore(eventStoreUrl, { log });
    shutdown.add(store.close);
    await migrateReadModel(readModelUrl);
    await rebuildProjection(projection, { store, url: readModelUrl, log, signal });
  } finally {
    await shutdown.run();
  }
}

/** As for the service; when a service runs on the embedded PostgreSQL, that one. */
async function databasesOf(config: Config, log: Logger, onStop: (stop: () => unknown) => void, signal: AbortSignal) {
  try {
    return await openDatabases(config, log, onStop);
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error;
    const url = await runningDatabaseUrl(config.DATA_DIR, signal);
    return { eventStoreUrl: url, readModelUrl: config.READ_MODEL_URL ?? url };
  }
}
