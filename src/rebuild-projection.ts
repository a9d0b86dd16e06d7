import type { Logger } from 'pino';
import { migrateReadModel } from '../projections/migrate-read-model.js';
import { rebuildProjection } from '../projections/rebuild.js';
import { sessions } from '../projections/sessions-projection.js';
import type { Config } from './config.js';
import { Correctable } from './correctable.js';
import { orSentence } from './database-refusals.js';
import { joinDatabases } from './databases.js';
import { openEventStore } from './event-store/open-event-store.js';
import { createShutdown } from './shutdown.js';

const PROJECTIONS = [sessions];

/** There is no projection of that name. */
export class UnknownProjection extends Correctable {
  override readonly name = 'UnknownProjection';
}

/**
 * Rebuilds a projection from the log; the service may run on the same databases meanwhile. Throws `UnknownProjection`,
 * the signal's reason, and what `rebuildProjection` throws.
 */
export async function rebuild(name: string, config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const projection = PROJECTIONS.find((one) => one.name === name);
  if (!projection) {
    const names = PROJECTIONS.map((one) => one.name).join(', ');
    throw new UnknownProjection(
      name ? `There is no projection "${name}", only: ${names}.` : `Name a projection: ${names}.`,
    );
  }
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  try {
    const { eventStore, readModel } = await joinDatabases(config, log, shutdown.add, signal);
    const store = await orSentence(eventStore, () => openEventStore(eventStore.url, log));
    shutdown.add(store.close);
    await orSentence(readModel, () => migrateReadModel(readModel.url));
    await rebuildProjection(projection, { store, url: readModel.url, log, signal });
  } finally {
    await shutdown.run();
  }
}
