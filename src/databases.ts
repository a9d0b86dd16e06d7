import type { Logger } from 'pino';
import type { Config } from './config/config.js';
import { type Database, orRefusal } from './database-refusals.js';
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
  readonly eventStore: Database;
  readonly readModel: Database;
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
  const { DATA_DIR } = config;
  const { eventStore, readModel } = namedDatabases(config);
  if (eventStore && readModel) return { eventStore, readModel, description: hostsOf(eventStore.url) };

  const embedded = await startEmbeddedPostgres({ dataDir: DATA_DIR, log });
  onStop(embedded.stop);
  if (embedded.takeover) log.warn(embedded.takeover);
  const place = `embedded PostgreSQL on port ${new URL(embedded.url).port}, data in ${DATA_DIR}`;
  return {
    ...orEmbedded(config, embedded.url),
    description: eventStore ? `${hostsOf(eventStore.url)}, read model in ${place}` : place,
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
      ...orEmbedded(config, url),
      description: `the databases of the service that runs on ${config.DATA_DIR}`,
    };
  }
}

/** The databases that the settings name. The read model is in the event store's database by default, if that is a Postgres. */
export function namedDatabases({
  READ_MODEL_URL,
  EVENT_STORE_URL,
}: Config): Partial<Pick<Databases, 'eventStore' | 'readModel'>> {
  const eventStore: Database | undefined = EVENT_STORE_URL
    ? { url: EVENT_STORE_URL, setting: 'EVENT_STORE_URL' }
    : undefined;
  const shared = eventStore && storeKindOf(eventStore.url) === 'postgres' ? eventStore : undefined;
  const readModel: Database | undefined = READ_MODEL_URL ? { url: READ_MODEL_URL, setting: 'READ_MODEL_URL' } : shared;
  return { ...(eventStore && { eventStore }), ...(readModel && { readModel }) };
}

function orEmbedded(config: Config, url: string): Pick<Databases, 'eventStore' | 'readModel'> {
  const embedded: Database = { url, setting: undefined };
  return { eventStore: embedded, readModel: embedded, ...namedDatabases(config) };
}

/** How to wait for a database. */
export interface Wait {
  /** Gets a line for each reason to wait. */
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called with the reason after each attempt. */
  readonly onWait?: (why: string) => void;
}

/**
 * Opens something in a database, and tries again as long as the database does not answer. Throws `Correctable` when the
 * database refuses what the service needs, its role included, every other error as it is, and the signal's reason.
 */
export function openWhenReachable<Opened>(
  what: string,
  database: Database,
  open: (url: string) => Promise<Opened>,
  wait: Wait,
): Promise<Opened> {
  return whenReachable(what, () => orRefusal(database, () => open(database.url)), wait);
}

/**
 * Does something that needs a database, and tries again as long as the database is unavailable. Throws every other
 * error, a refused role or password included, and the signal's reason.
 */
export async function whenReachable<Opened>(
  what: string,
  open: () => Promise<Opened>,
  { log, signal, onWait }: Wait,
): Promise<Opened> {
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  let logged: string | undefined;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) && !isConnectionError(error)) throw error;
      if (isLoginRefused(error) || isLoginRefused((error as Error).cause)) throw error;
      const why = reasonOf(error);
      if (why !== logged) log.warn({ why }, `the ${what} does not answer; waiting for it`);
      logged = why;
      onWait?.(why);
    }
    await pause(backoff.next(), signal);
  }
}

function reasonOf(error: unknown): string {
  const { cause = error } = error as Error;
  return (cause as Error).message || String((cause as { code?: unknown }).code);
}
