import type { Logger } from 'pino';
import { dueAt } from '../domain/coach/reminders.js';
import { type EventStore, START } from '../event-store/event-store.js';
import { createStateLog } from '../state-log.js';
import { createBackoff, jittered, linkedSignal, meanwhile, pauseQuietly } from '../waiting.js';
import type { DueReminder, Lease, Offset, Progress } from './lease.js';
import { followPlacements, type Placement } from './placements.js';
import type { Remind } from './remind.js';
import { createTelling } from './telling.js';

/** What making reminders needs. */
export interface RemindersParts {
  /** In minutes before the start. */
  readonly offsets: readonly number[];
  readonly store: Pick<EventStore, 'subscribe' | 'head'>;
  /**
   * Waits until this process is the one that makes the reminders, then does the work. Rejects as the work does, and when
   * the signal aborts.
   */
  readonly holdLease: (signal: AbortSignal, work: (lease: Lease) => Promise<void>) => Promise<void>;
  readonly remind: Remind;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Milliseconds between two signs of life, two looks at the clock and two times of saving. Default 1,000. */
  readonly interval?: number;
}

/** Milliseconds between two looks at a read model that is behind. */
const BEHIND_INTERVAL = 25;

/** Milliseconds before a failed run starts again: the first pause, and the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/**
 * Makes reminders until the signal aborts; never rejects. Of all processes that do, one works, and another takes over
 * when that one dies, or stops for some seconds. Failures are tried again for ever.
 */
export async function runReminders(parts: RemindersParts): Promise<void> {
  const { signal, log, holdLease } = parts;
  const onNewState = createStateLog();
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  while (!signal.aborted) {
    try {
      await holdLease(signal, (lease) => {
        return makeReminders(lease, parts, () => {
          onNewState('running', () => log.info({ offsets: parts.offsets }, 'this process makes the reminders'));
          backoff.reset();
        });
      });
    } catch (err) {
      if (signal.aborted) break;
      onNewState(`failed: ${err}`, () => log.warn({ err }, 'the reminders stopped and will be tried again'));
      await pauseQuietly(jittered(backoff.next()), signal);
    }
  }
}

/**
 * Makes reminders until the lease is lost.
 *
 * The read model is asked for what falls due, a span of time after the other: those told are behind `toldUpTo`. A
 * session can be booked so shortly before a reminder that the read model shows it only when that span is over; so each
 * booking and move of the log is looked at, too, and what is behind already is told at once. What lies ahead is found
 * in the read model in time, since that is asked only when it shows all that was looked at.
 *
 * After a crash some reminders are asked for again, which the coaches refuse: they were told.
 */
async function makeReminders(lease: Lease, parts: RemindersParts, onRunning: () => void): Promise<void> {
  const { store, now, interval = 1_000 } = parts;
  const head = await meanwhile(store.head(), interval, lease.beat);
  const resumed = await lease.resume(parts.offsets, { toldUpTo: now(), position: head });
  const telling = createTelling(parts.remind, lease, interval, now, parts.log);
  let { offsets, toldUpTo, position } = resumed;
  // A position beyond the end is of another log. All is looked at, and the coaches refuse what was told.
  if (position > head) position = START;
  let saved: Progress = resumed;
  let savedAt = performance.now();
  let nextDue = Number.NEGATIVE_INFINITY;

  const until = linkedSignal(lease.lost);
  const placements = followPlacements(store, position, interval / 10, until.signal);
  try {
    for (let patience = 0; ; ) {
      const arrival = await placements(patience);
      lookAtClock();
      if (arrival) {
        await telling.tell(arrival.placed.flatMap(isBehind));
        ({ position } = arrival);
      }
      await telling.again();
      const isAhead = await catchUp();
      await saveNowAndThen();
      onRunning();
      patience = isAhead ? Math.max(Math.min(nextDue - now(), interval), 1) : BEHIND_INTERVAL;
    }
  } finally {
    until.end();
  }

  /** The reminders of a session that was placed whose time is behind. Takes note of the next one that lies ahead. */
  function isBehind(placed: Placement): DueReminder[] {
    return offsets.flatMap(({ offsetMinutes, since }) => {
      const due = dueAt(placed.start, offsetMinutes);
      if (due <= placed.placedAt || due <= since) return [];
      if (due > toldUpTo) nextDue = Math.min(nextDue, due);
      return due <= toldUpTo ? [{ ...placed, offsetMinutes }] : [];
    });
  }

  /** A clock that was set back shows times again: what was told is refused then, and what was refused is told. */
  function lookAtClock(): void {
    const time = now();
    if (time >= toldUpTo) return;
    toldUpTo = time;
    nextDue = time;
    offsets = offsets.map(({ offsetMinutes, since }) => ({ offsetMinutes, since: Math.min(since, time) }));
  }

  /** Tells what has fallen due. Answers false when the read model is behind. */
  async function catchUp(): Promise<boolean> {
    const upTo = now();
    if (upTo < nextDue) {
      // There is nothing in between.
      toldUpTo = upTo;
      return true;
    }
    if ((await lease.readModelPosition()) < position) return false;
    for (const offset of offsets) await tellDue(offset, upTo);
    toldUpTo = upTo;
    nextDue = (await lease.nextDue(offsets, upTo)) ?? Number.POSITIVE_INFINITY;
    return true;
  }

  async function tellDue({ offsetMinutes, since }: Offset, upTo: number): Promise<void> {
    const after = Math.max(toldUpTo, since);
    if (after >= upTo) return;
    for await (const page of lease.due({ offsetMinutes, after, upTo })) await telling.tell(page);
  }

  /** What failed is found again after a crash, as long as nothing is saved. */
  async function saveNowAndThen(): Promise<void> {
    if (performance.now() < savedAt + interval) return;
    const isSaved = toldUpTo === saved.toldUpTo && position === saved.position;
    if (isSaved || telling.isOpen) {
      await lease.beat();
    } else {
      saved = { toldUpTo, position };
      await lease.save(offsets, saved);
    }
    savedAt = performance.now();
  }
}
