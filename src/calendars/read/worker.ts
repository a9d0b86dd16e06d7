import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { loadZoneRules } from '../../zone-rules/load-zone-rules.js';
import { type Component, readComponents } from './components.js';
import { decodeCalendar } from './decode.js';
import { busyTimesIn, uidsIn } from './read-busy-times.js';
import type { Document, FromReader, FromWorker, WorkerSettings } from './reading.js';
import { CalendarRefused } from './refusal.js';

/*
 * A thread that reads one document after the other. It may be ended at any time. See src/calendars/read/reading.ts for
 * what it is told and tells.
 */

/** A third of the processor time of the thread that serves callers, where both want one. */
const NICENESS = 5;

// Linux alone has a priority for each thread: when there are too few processors, others come first.
if (process.platform === 'linux') setPriority(NICENESS);

const zoneRules = loadZoneRules((workerData as WorkerSettings).zoneRulesPath);

/** The document that is being read, once its UIDs are known. */
let begun: { readonly document: Document; readonly calendars: readonly Component[] } | undefined;

parentPort?.on('message', (message: FromReader) => {
  try {
    if (message.type === 'document') begin(message.document);
    else finish(new Set(message.uids));
  } catch (error) {
    begun = undefined;
    tell(outcomeOf(error));
  }
});

function begin(document: Document): void {
  tell({ type: 'begun' });
  const calendars = readComponents(decodeCalendar(document.bytes, document.charset));
  begun = { document, calendars };
  tell({ type: 'uids', uids: uidsIn(calendars) });
}

function finish(own: ReadonlySet<string>): void {
  if (!begun) return;
  const { document, calendars } = begun;
  begun = undefined;
  const { zone, now } = document;
  const busyTimes = busyTimesIn(calendars, { zone, zoneRules, now, isOwn: (uid) => own.has(uid) });
  tell({ type: 'read', busyTimes });
}

function outcomeOf(error: unknown): FromWorker {
  if (!(error instanceof CalendarRefused)) return { type: 'failed', error: error as Error };
  return { type: 'refused', why: error.why, sentence: error.sentence, line: error.line };
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
