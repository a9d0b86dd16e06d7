import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Commands } from '../../application/client/book.js';
import { ownMetadata } from '../../application/own-metadata.js';
import type { Accepted } from '../../application/submission.js';
import type { SyncCalendar } from '../../application/sync-calendar.js';
import type { SyncTimeOff } from '../../domain/availability/commands.js';
import { MAX_TIME_OFF } from '../../domain/availability/time-off.js';
import { Cancellation, jittered } from '../../waiting.js';
import { CalendarRefused } from '../read/refusal.js';
import { type DueSource, forget, noteFailure, noteSuccess, postpone } from './due-sources.js';
import { behindFence, FenceMoved } from './fence.js';
import type { FetchCalendar, Fetched } from './fetch-calendar.js';
import { pauseAfterFailures, pauseAfterSuccess, READ_AGAIN_AFTER } from './pauses.js';
import { withoutUrl } from './without-url.js';

/** What bringing a calendar in needs. */
export interface FetchSourceParts {
  readonly pool: pg.Pool;
  readonly fetchCalendar: FetchCalendar;
  readonly syncCalendar: SyncCalendar;
  readonly commands: Commands;
  /** Gives an id for the events of each sync. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Who asked for the changes, as the history tells it. All documents that were fetched take one caller's turn. */
export const ACTOR = 'calendar-sources';

/** Milliseconds after which something is tried again that failed here, not at the calendar. */
const OWN_PAUSE = 30_000;

/** Milliseconds that a document may wait for its turn to be read, and be read. */
const SYNC_LIMIT = 60_000;

/** The coach has no room for so much time off. */
class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

type Document = Extract<Fetched, { kind: 'document' }>;

/** Makes the function that brings a calendar in, once. It rejects with the reason of the signal only. */
export function createFetchSource(parts: FetchSourceParts): (due: DueSource, signal: AbortSignal) => Promise<void> {
  const { pool, fetchCalendar, syncCalendar, commands, newId, now, log } = parts;

  /** Carries a sync out as long as the calendar source is what it was when the fetch began. */
  async function submit(due: DueSource, command: SyncTimeOff, cancellation: Cancellation): Promise<Accepted> {
    return behindFence(pool, due, due.fence, async () => {
      const metadata = ownMetadata(ACTOR, newId());
      const outcome = await commands.submit({ command, metadata, validateOnly: false, cancellation });
      if (outcome.kind === 'accepted') return outcome;
      if (outcome.kind === 'rejected' && outcome.rejection.reason === 'TIME_OFF_QUOTA') {
        throw new NoRoom(`the coach would have more than ${MAX_TIME_OFF.toLocaleString('en')} times off`);
      }
      throw new Error(`the sync was not accepted: ${outcome.kind}`);
    });
  }

  async function clear(due: DueSource, cancellation: Cancellation): Promise<void> {
    const { coachHashId, source } = due;
    const command: SyncTimeOff = { type: 'SyncTimeOff', coachHashId, source, timeOff: [], now: now() };
    await submit(due, command, cancellation);
    await behindFence(pool, due, due.fence, (client) => forget(client, due));
  }

  function fail(due: DueSource, why: string, retryAfter?: number): Promise<void> {
    const pause = pauseAfterFailures(due.interval, due.failures + 1, retryAfter);
    return noteFailure(pool, due, withoutUrl(why, due.url), now(), pause);
  }

  async function bringIn(due: DueSource, document: Document, isToRead: boolean, cancellation: Cancellation) {
    const { bytes, charset, validators } = document;
    const digest = createHash('sha256')
      .update(`${charset ?? ''}\n`)
      .update(bytes)
      .digest('base64url');
    const pause = pauseAfterSuccess(due.interval);
    if (!isToRead && digest === due.digest) return noteSuccess(pool, due, { validators }, now(), pause);
    const { coachHashId, source } = due;
    const calendar = { coachHashId, source, bytes, charset, caller: ACTOR, cancellation };
    const { total, reading } = await syncCalendar(calendar, (command) => submit(due, command, cancellation));
    await noteSuccess(pool, due, { validators, read: { digest, total, reading } }, now(), pause);
  }

  async function fetchOnce(due: DueSource, url: string, cancellation: Cancellation, signal: AbortSignal) {
    const isToRead = due.readAt === undefined || now() >= due.readAt + READ_AGAIN_AFTER;
    const fetched = await fetchCalendar(url, isToRead ? undefined : due.validators, signal);
    if (fetched.kind === 'failed') return fail(due, fetched.why, fetched.retryAfter);
    if (fetched.kind === 'document') return bringIn(due, fetched, isToRead, cancellation);
    return noteSuccess(pool, due, { validators: due.validators }, now(), pauseAfterSuccess(due.interval));
  }

  return async (due, signal) => {
    const cancellation = new Cancellation();
    const abort = () => cancellation.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const limit = setTimeout(() => cancellation.abort(new Error('the document waited too long')), SYNC_LIMIT);
    const { url } = due;
    try {
      await (url === undefined ? clear(due, cancellation) : fetchOnce(due, url, cancellation, signal));
    } catch (err) {
      signal.throwIfAborted();
      if (err instanceof FenceMoved) return;
      if (err instanceof CalendarRefused || err instanceof NoRoom) return fail(due, err.message);
      const { coachHashId: coach, source } = due;
      log.warn({ err, coach, source }, 'a calendar could not be brought in and will be tried again');
      await postpone(pool, due, now() + jittered(OWN_PAUSE));
    } finally {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
    }
  };
}
