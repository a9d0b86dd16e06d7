import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import type { Config } from '../config.js';
import { Correctable } from '../correctable.js';
import { orSentence } from '../database-refusals.js';
import { joinDatabases } from '../databases.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { feedStates } from '../feeds/feed-states.js';
import { createPool } from '../postgres/pool.js';
import { createShutdown } from '../shutdown.js';
import { sinkNames } from '../start-feeds.js';
import { jsonOf, tableOf } from './report.js';

/** The options are wrong. */
export class NotUnderstood extends Correctable {
  override readonly name = 'NotUnderstood';
}

/**
 * The command `feeds`: lists how far each feed has come, and what it fails of. The service may run meanwhile. Throws
 * `NotUnderstood`, and what opening the databases throws.
 */
export async function listFeeds(
  args: readonly string[],
  config: Config,
  log: Logger,
  writeLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const asJson = isJson(args);
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  try {
    const { eventStore, readModel } = await joinDatabases(config, log, shutdown.add, signal);
    const store = await orSentence(eventStore, () => openEventStore(eventStore.url, log));
    shutdown.add(store.close);
    await orSentence(readModel, () => migrateReadModel(readModel.url));
    const pool = createPool(readModel.url, { max: 1, applicationName: 'feeds', log });
    shutdown.add(() => pool.end());
    const states = await feedStates(pool, store, sinkNames(config));
    writeLine(asJson ? jsonOf(states) : tableOf(states, Date.now()));
  } finally {
    await shutdown.run();
  }
}

function isJson(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch {
    throw new NotUnderstood(`feeds takes --json, but got ${args.join(' ')}.`);
  }
}
