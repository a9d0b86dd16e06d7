import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import { startEmbeddedPostgres } from './embedded-postgres/embedded-postgres.js';
import { StoreUnavailable } from './event-store/event-store.js';
import { isConnectionError } from './postgres/pool.js';

/** Where the service keeps its data. */
export interface Databases {
  readonly eventStoreUrl: string;
  readonly readModelUrl: string;
  /** For people, without credentials. */
  readonly description: string;
}

/**
 * The databases that the settings name. Starts the embedded PostgreSQL when they name none.
 * @param onStop given what shuts the embedded PostgreSQL down
 */
export async function openDatabases(
  config: Config,
  log: Logger,
  onStop: (stop: () => Promise<void>) => void,
): Promise<Databases> {
  const { EVENT_STORE_URL: given, READ_MODEL_URL, DATA_DIR } = config;
  if (given) {
    return { eventStoreUrl: given, readModelUrl: READ_MODEL_URL ?? given, description: new URL(given).host };
  }
  const embedded = await startEmbeddedPostgres({ dataDir: DATA_DIR, log });
  onStop(embedded.stop);
  if (embedded.takeover) log.warn(embedded.takeover);
  const { url } = embedded;
  return {
    eventStoreUrl: url,
    readModelUrl: READ_MODEL_URL ?? url,
    description: `embedded PostgreSQL on port ${new URL(url).port}, data in ${DATA_DIR}`,
  };
}

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

/** Opens something that needs a database, again and again while the database is away. Throws any other error, and the signal's reason. */
export async function whenReachable<Opened>(
  what: string,
  open: () => Promise<Opened>,
  log: Logger,
  signal: AbortSignal,
): Promise<Opened> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) && !isConnectionError(error)) throw error;
      if (pause === FIRST_PAUSE) log.warn({ why: reasonOf(error) }, `the ${what} does not answer, waiting for it`);
    }
    await sleep(pause, undefined, { signal });
  }
}

function reasonOf(error: unknown): string {
  const { cause = error } = error as Error;
  return (cause as Error).message || String((cause as { code?: unknown }).code);
}
