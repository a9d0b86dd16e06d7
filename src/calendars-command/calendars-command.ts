import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { listAllSources } from '../calendars/sources/list-all-sources.js';
import { createCommandsBeside } from '../command-side.js';
import type { Config } from '../config/config.js';
import { NotUnderstood } from '../correctable.js';
import { createIds } from '../ids.js';
import { type OpenStores, withStores } from '../open-stores.js';
import { createPool } from '../postgres/pool.js';
import { startReadSide } from '../read-side.js';
import { startCalendarSync, startCalendars } from '../start-calendars.js';
import { loadZoneRules } from '../zone-rules/load-zone-rules.js';
import { jsonOf, tableOf } from './report.js';

/**
 * The command `calendars`: fetches calendars until the signal aborts, unless another process does; with `--list`, lists
 * calendar sources. The service may run meanwhile. Throws `NotUnderstood`, and what opening the databases throws.
 */
export async function calendars(
  args: readonly string[],
  config: Config,
  log: Logger,
  writeLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { list, json } = optionsIn(args);
  await withStores(config, log, signal, async (stores) => {
    if (!list) return fetchUntil(signal, stores, config, log);
    const pool = createPool(stores.url, { max: 1, applicationName: 'calendars', log });
    stores.shutdown.add(() => pool.end());
    const sources = await listAllSources(pool);
    writeLine(json ? jsonOf(sources) : tableOf(sources, Date.now()));
  });
}

async function fetchUntil(signal: AbortSignal, { store, url, shutdown }: OpenStores, config: Config, log: Logger) {
  const zoneRules = loadZoneRules(config.ZONE_RULES);
  const newId = createIds();
  const readSide = startReadSide(store, url, log, shutdown);
  const commands = createCommandsBeside(store, readSide, newId, zoneRules, config, log);
  const syncCalendar = startCalendarSync({ store, commands, readSide, zoneRules, newId }, config, shutdown);
  startCalendars({ url, commands, syncCalendar, newId, isToFetch: true, log }, config, shutdown);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function optionsIn(args: readonly string[]): { readonly list: boolean; readonly json: boolean } {
  const isWanted = { type: 'boolean', default: false } as const;
  const misused = () => new NotUnderstood(`calendars takes --list and --list --json, but got ${args.join(' ')}.`);
  let values: { readonly list: boolean; readonly json: boolean };
  try {
    ({ values } = parseArgs({ args: [...args], options: { list: isWanted, json: isWanted } }));
  } catch {
    throw misused();
  }
  if (values.json && !values.list) throw misused();
  return values;
}
