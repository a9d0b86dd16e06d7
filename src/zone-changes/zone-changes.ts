import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { createCommandsBeside } from '../command-side.js';
import type { Config } from '../config/config.js';
import { Correctable } from '../correctable.js';
import { createIds } from '../ids.js';
import { withStores } from '../open-stores.js';
import { startReadSide } from '../read-side.js';
import { loadZoneRules } from '../zone-rules/load-zone-rules.js';
import { findZoneChanges } from './find-changes.js';
import { makeZoneChanges } from './make-changes.js';
import { linesOf } from './report.js';

/** Some sessions could not be moved, or the options are wrong. The message says what to do. */
export class CannotMoveSessions extends Correctable {
  override readonly name = 'CannotMoveSessions';
}

/**
 * The command `zone-changes`: lists the sessions of series that begin at another instant by the rules of time zones than
 * when they were booked; with `--apply`, moves them. The service may run meanwhile. Throws `CannotMoveSessions` when some
 * could not be moved, and what opening the databases throws.
 */
export async function zoneChanges(
  args: readonly string[],
  config: Config,
  log: Logger,
  writeLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const apply = isToApply(args);
  const rules = loadZoneRules(config.ZONE_RULES);
  await withStores(config, log, signal, async ({ store, url, shutdown }) => {
    const changes = await findZoneChanges(store, rules, Date.now(), signal);
    if (changes.length === 0) return writeLine(`By the rules of ${rules.version} every session to come stays.`);

    const newId = createIds();
    const readSide = startReadSide(store, url, log, shutdown);
    const commands = createCommandsBeside(store, readSide, newId, rules, config, log);
    const made = await makeZoneChanges(changes, { commands, version: rules.version, now: Date.now, newId, apply });
    for (const line of linesOf(made)) writeLine(line);
    const staying = made.filter(({ stays }) => stays !== undefined).length;
    const moving = made.length - staying;
    if (!apply) {
      writeLine(`By the rules of ${rules.version}, ${moving} would move, ${staying} would stay. Nothing was changed.`);
      writeLine('Run the command again with --apply to move them.');
      return;
    }
    writeLine(`By the rules of ${rules.version}, ${moving} moved.`);
    if (staying > 0)
      throw new CannotMoveSessions(
        `${staying} stay. Make room for them, or reschedule them; then run the command again.`,
      );
  });
}

function isToApply(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { apply: { type: 'boolean', default: false } } }).values.apply;
  } catch (error) {
    throw new CannotMoveSessions((error as Error).message, { cause: error });
  }
}
