import type { Logger } from 'pino';
import type { Config } from './config.js';
import { runningDatabaseUrl, startEmbeddedPostgres } from './embedded-postgres/embedded-postgres.js';
import { DataDirectoryInUse } from './embedded-postgres/ownership.js';
import { StoreUnavailable } from './event-store/event-store.js';
import { hostsOf, storeKindOf } from './event-store/store-url.js';
import { isConnectionError, isLoginRefused } from './postgres/pool.js';
import { createBackoff, pause } from './waiting.js';

/** Milliseconds between attempts to reach a database: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5_000;

/** Where the service keeps its data. */
export interface Databases {
  readonly eventStoreUrl: string;
  readonly readModelUrl: string;
  /** Where the data is, in words and without credentials. */
  readonly description: string;
}

/**
 * The databases that the settings name. Starts the embedded PostgreSQL for those that the settings leave out.
 * @param onStop called with the function that shuts the embedded PostgreSQL down
 */
export async function openDatabases(
  config: Config,
  log: Logger,
  onStop: (stop: () => Promise<void>) => void,
): Promise<Databases> {
  const { EVENT_STORE_URL: eventStoreUrl, DATA_DIR } = config;
  const readModelUrl = readModelUrlOf(config);
  if (eventStoreUrl && readModelUrl) return { eventStoreUrl, readModelUrl, description: hostsOf(eventStoreUrl) };

  const embedded = await startEmbeddedPostgres({ dataDir: DATA_DIR, log });
  onStop(embedded.stop);
  if (embedded.takeover) log.warn(embedded.takeover);
  const { url } = embedded;
  const place = `embedded PostgreSQL on port ${new URL(url).port}, data in ${DATA_DIR}`;
  return {
    eventStoreUrl: eventStoreUrl ?? url,
    readModelUrl: readModelUrl ?? url,
    description: eventStoreUrl ? `${hostsOf(eventStoreUrl)}, read model in ${place}` : place,
  };
}

/**
 * As `openDatabases`, for a tool that may work beside the service: if a service runs on the embedded PostgreSQL, the
 * tool shares it.
 */
export async function joinDatabases(
  config: Config,
  log: Logger,
  onStop: (stop: () => Promise<void>) => void,
  signal: AbortSignal,
): Promise<Databases> {
  try {
    return await openDatabases(config, log, onStop);
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error;
    const url = await runningDatabaseUrl(config.DATA_DIR, signal);
    return {
      eventStoreUrl: config.EVENT_STORE_URL ?? url,
      readModelUrl: readModelUrlOf(config) ?? url,
      description: `the databases of the service that runs on ${config.DATA_DIR}`,
    };
  }
}

/** The read model's URL, if the settings name one: the event store's database by default, if that is a Postgres. */
function readModelUrlOf({ READ_MODEL_URL, EVENT_STORE_URL }: Config): string | undefined {
  if (READ_MODEL_URL) return READ_MODEL_URL;
  return EVENT_STORE_URL && storeKindOf(EVENT_STORE_URL) === 'postgres' ? EVENT_STORE_URL : undefined;
}

/**
 * Opens something that needs a database, and tries again as long as the database is unavailable. Throws every other
 * error, a refused role or password included, and the signal's reason.
 */
export async function whenReachable<Opened>(
  what: string,
  open: () => Promise<Opened>,
  log: Logger,
  signal: AbortSignal,
): Promise<Opened> {
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) && !isConnectionError(error)) throw error;
      if (isLoginRefused(error) || isLoginRefused((error as Error).cause)) throw error;
      if (backoff.atStart) log.warn({ why: reasonOf(error) }, `the ${what} does not answer; waiting for it`);
    }
    await pause(backoff.next(), signal);
  }
}

function reasonOf(error: unknown): string {
  const { cause = error } = error as Error;
  return (cause as Error).message || String((cause as { code?: unknown }).code);
}
