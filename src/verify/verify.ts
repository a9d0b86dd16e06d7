import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { reportProgress } from '../copy-events/report-progress.js';
import { Correctable } from '../correctable.js';
import { orRefusal } from '../database-refusals.js';
import { joinDatabases } from '../databases.js';
import type { EventStore, Position } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { storeKindOf } from '../event-store/store-url.js';
import { createShutdown } from '../shutdown.js';
import { auditLog, type LogCounts } from './audit-log.js';
import { collectFaults, type Faults, lineOf } from './faults.js';
import { compareReadModel, type ReadModelAudit } from './read-model/compare.js';
import { openSnapshot, type ReadModelSnapshot } from './read-model/snapshot.js';

/** The audit could not be made, so it says nothing about the data. The message is a sentence that says why. */
export class CannotVerify extends Correctable {
  override readonly name = 'CannotVerify';
}

/** The most faults that are named. */
const MOST_FAULTS = 20;

/**
 * The command `verify`: checks by a fold of its own that the log is whole and breaks no rule, and that the read model is
 * what the log leaves. Writes a report in lines; the service may run meanwhile. Answers whether everything is sound.
 * Throws `CannotVerify` when it could not look, also when the signal aborts before the end.
 */
export async function verify(
  config: Config,
  log: Logger,
  writeLine: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const shutdown = createShutdown((err) => log.error({ err }, 'a step of the shutdown failed'));
  const report = reportProgress(writeLine, process.stdout.isTTY ? 1_000 : 10_000);
  shutdown.add(report.stop);
  const faults = collectFaults(MOST_FAULTS);
  try {
    const { eventStore, readModel } = await joinDatabases(config, log, shutdown.add, signal);
    const store = await orRefusal(eventStore, () => openEventStore(eventStore.url, log));
    shutdown.add(store.close);
    // In this order: a read model is never ahead of a head that is read later.
    const snapshot = await orRefusal(readModel, () => openSnapshot(readModel.url));
    if (snapshot) shutdown.add(snapshot.close);
    const audit = await auditBoth(store, storeKindOf(eventStore.url) !== 'postgres', snapshot, faults, {
      signal,
      onProgress: (events, part) => report.note({ step: 'verifying', events, part }),
    });
    report.stop();
    for (const line of linesOf(audit, faults)) writeLine(line);
    return faults.count === 0;
  } catch (error) {
    if (signal.aborted) throw new CannotVerify('Stopped before the end.', { cause: error });
    throw new CannotVerify(`Cannot verify: ${reasonOf(error)}`, { cause: error });
  } finally {
    await shutdown.run();
  }
}

interface Audit {
  readonly counts: LogCounts;
  readonly head: Position;
  readonly snapshot: ReadModelSnapshot | undefined;
  readonly readModel: ReadModelAudit | undefined;
}

/** Audits the log and the read model beside it. */
async function auditBoth(
  store: EventStore,
  isShared: boolean,
  snapshot: ReadModelSnapshot | undefined,
  faults: Faults,
  options: { readonly signal: AbortSignal; readonly onProgress: (events: number, part: number) => void },
): Promise<Audit> {
  const head = await store.head();
  if (snapshot && snapshot.checkpoint > head) {
    const what = `the read model is at position ${snapshot.checkpoint}, but the log ends at ${head}`;
    faults.add({ what: `${what}: it was made from another log, or the log was restored to an earlier state` });
  }
  const isComparable = snapshot?.isComplete && snapshot.checkpoint <= head;
  const readModel = isComparable ? compareReadModel(snapshot, faults) : undefined;
  const counts = await auditLog({ store, isShared, end: head, faults, beside: readModel, ...options });
  return { counts, head, snapshot, readModel };
}

function linesOf({ counts, head, snapshot, readModel }: Audit, faults: Faults): string[] {
  const { events, streams, coaches, sessions, overlaps, unsettled } = counts;
  const lines = [
    `log: ${events} events in ${streams} streams up to position ${head}; ${sessions} sessions of ${coaches} coaches`,
    readModelLine(snapshot, readModel),
  ];
  if (unsettled > 0) lines.push(`${unsettled} reservations wait to be settled by the next command that needs the time`);
  if (overlaps > 0)
    lines.push(`${overlaps} overlaps of clients without a reservation, as CLIENT_OVERLAP=allow permits`);
  if (faults.count === 0) return [...lines, 'sound: no faults'];
  lines.push(`${faults.count} ${faults.count === 1 ? 'fault' : 'faults'}:`, ...faults.first.map(lineOf));
  const more = faults.count - faults.first.length;
  return more > 0 ? [...lines, `and ${more} more`] : lines;
}

function readModelLine(snapshot: ReadModelSnapshot | undefined, readModel: ReadModelAudit | undefined): string {
  if (!snapshot) return 'read model: there is none, so only the log was checked';
  if (readModel) return `read model: ${readModel.rows} rows up to position ${snapshot.checkpoint}`;
  if (snapshot.isComplete) return 'read model: not compared';
  return 'read model: not compared, since an older version of the service wrote rows; wait for the rebuild';
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code } = error as { code?: unknown };
  const first = (message || String(code ?? error)).split('\n').join('; ');
  return cause instanceof Error && cause.message ? `${first} (${cause.message.split('\n')[0]})` : first;
}
