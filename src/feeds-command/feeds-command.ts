import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { NotUnderstood } from '../correctable.js';
import { feedStates } from '../feeds/feed-states.js';
import { withStores } from '../open-stores.js';
import { createPool } from '../postgres/pool.js';
import { sinkNames } from '../start-feeds.js';
import { jsonOf, tableOf } from './report.js';

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
  await withStores(config, log, signal, async ({ store, url, shutdown }) => {
    const pool = createPool(url, { max: 1, applicationName: 'feeds', log });
    shutdown.add(() => pool.end());
    const states = await feedStates(pool, store, sinkNames(config));
    writeLine(asJson ? jsonOf(states) : tableOf(states, Date.now()));
  });
}

function isJson(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch {
    throw new NotUnderstood(`feeds takes --json, but got ${args.join(' ')}.`);
  }
}
