import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { type Database, orRefusal } from '../database-refusals.js';
import { joinDatabases, namedDatabases } from '../databases.js';
import { SERVICE_STREAMS } from '../domain/streams.js';
import { type EventStore, StoreUnavailable } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { STORE_URLS, storeKindOf } from '../event-store/store-url.js';
import { createShutdown } from '../shutdown.js';
import { CannotCopy } from './cannot-copy.js';
import { copyLog } from './copy-log.js';
import { reportProgress } from './report-progress.js';

/**
 * The command `copy-events`: copies the log of one event store into another and reports its progress in lines. Without
 * `--from` it copies from the store that the settings name, which may be the embedded PostgreSQL. Throws `CannotCopy`
 * with a sentence that says why, also when the signal aborts before the copy is complete.
 */
export async function copyEvents(
  args: readonly string[],
  config: Config,
  log: Logger,
  writeLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const urls = urlsFrom(args);
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));

  async function open(name: string, database: Database): Promise<EventStore> {
    try {
      const store = await orRefusal(database, () => openEventStore(database.url, log));
      shutdown.add(store.close);
      return store;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      throw new CannotCopy(`The ${name} does not answer: ${error.message}.`, { cause: error });
    }
  }

  const report = reportProgress(writeLine, process.stdout.isTTY ? 1_000 : 10_000);
  shutdown.add(report.stop);
  try {
    const from = urls.from ? { url: urls.from, setting: '--from' as const } : await namedStore();
    const stores = { from: await open('source', from), to: await open('target', { url: urls.to, setting: '--to' }) };
    const copy = await copyLog({ ...stores, streams: SERVICE_STREAMS, log, signal, onProgress: report.note });
    writeLine(
      `${copy.copied} events copied; ${copy.found} were already there. ` +
        `Both stores have the same events in the same order. Streams: ${copy.streams}.`,
    );
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CannotCopy('Stopped before the end. Run the same command again to continue.', { cause: error });
  } finally {
    await shutdown.run();
  }

  async function namedStore(): Promise<Database> {
    return namedDatabases(config).eventStore ?? (await joinDatabases(config, log, shutdown.add, signal)).eventStore;
  }
}

function urlsFrom(args: readonly string[]): { from?: string; to: string } {
  const { from, to } = parsed(args);
  if (!to) throw new CannotCopy('Name the store to copy to: copy-events --from URL --to URL');
  for (const [option, url] of Object.entries({ from, to })) {
    if (url === undefined || storeKindOf(url)) continue;
    // The URL stays out of the sentence: it may hold a password.
    throw new CannotCopy(`--${option} must be ${STORE_URLS}.`);
  }
  return from === undefined ? { to } : { from, to };
}

function parsed(args: readonly string[]): { from?: string; to?: string } {
  try {
    return parseArgs({ args: [...args], options: { from: { type: 'string' }, to: { type: 'string' } } }).values;
  } catch (error) {
    throw new CannotCopy((error as Error).message, { cause: error });
  }
}
