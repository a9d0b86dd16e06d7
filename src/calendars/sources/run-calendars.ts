import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { ExclusiveConnection } from '../../postgres/exclusive-connection.js';
import { holdLease } from '../../postgres/lease.js';
import { createStateLog } from '../../state-log.js';
import { createBackoff, createBell, jittered, linkedSignal, pauseQuietly } from '../../waiting.js';
import { type DueSource, takeDue } from './due-sources.js';
import { CHANNEL } from './source-rows.js';

/** What fetching calendars needs. */
export interface RunCalendarsParts {
  /** The database that has the schema `calendars`. */
  readonly url: string;
  /** Brings a calendar in, once. */
  readonly fetchSource: (due: DueSource, signal: AbortSignal) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at what is due, which are also signs of life. Default 1,000. */
  readonly interval?: number;
}

/** The name of the lease of the process that fetches. */
export const CALENDARS_LEASE = 'calendars';

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

/** Milliseconds before the lease is taken again: the first pause, and the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Milliseconds before a calendar source is taken again whose failure could not even be noted. */
const FAILED_PAUSE = 1_000;

/**
 * Fetches calendars that are due until the signal aborts; never rejects. Of all processes that run it, one fetches, and
 * another takes over within 5 seconds when that one dies or stops. What was under way is fetched again then.
 */
export async function runCalendars(parts: RunCalendarsParts): Promise<void> {
  const { url, fetchSource, now, log, signal, interval = 1_000 } = parts;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  const onNewState = createStateLog();
  const lease = {
    url,
    name: CALENDARS_LEASE,
    applicationName: 'calendars',
    queryTimeout: QUERY_TIMEOUT,
    signal,
    onWaiting: () => onNewState('waiting', () => log.info('another process fetches calendars; this one waits')),
    onTakeOver: () =>
      onNewState('taking over', () => log.warn('the process that fetched calendars has stopped; taking over')),
  };
  while (!signal.aborted) {
    try {
      await holdLease(lease, fetchDue);
    } catch (err) {
      if (signal.aborted) return;
      onNewState('lost', () => log.warn({ err }, 'the lease of the calendars was lost and will be taken again'));
      await pauseQuietly(jittered(backoff.next()), signal);
    }
  }

  /** Fetches as long as this process holds the lease. */
  async function fetchDue({ client, lost }: ExclusiveConnection): Promise<void> {
    const { signal: until, end } = linkedSignal(signal, lost);
    // Each fetch under way listens.
    setMaxListeners(0, until);
    const underWay = new Map<DueSource, Promise<void>>();
    const bell = createBell();
    let isRung = false;
    const ring = () => {
      isRung = true;
      bell.ring();
    };
    client.on('notification', ring);

    async function fetchOne(due: DueSource): Promise<void> {
      try {
        await fetchSource(due, until);
      } catch (err) {
        if (until.aborted) return;
        log.warn({ err }, 'what came of a fetch could not be noted');
        await pauseQuietly(FAILED_PAUSE, until);
      } finally {
        underWay.delete(due);
        ring();
      }
    }

    try {
      await client.query(`listen ${CHANNEL}`);
      onNewState('fetching', () => log.info('this process fetches calendars'));
      while (!signal.aborted) {
        isRung = false;
        const taken = await takeDue(client, now(), [...underWay.keys()]);
        for (const due of taken) underWay.set(due, fetchOne(due));
        backoff.reset();
        if (!isRung) await bell.wait(interval, until);
        lost.throwIfAborted();
      }
    } finally {
      client.off('notification', ring);
      end(new Error('the fetching of calendars stops'));
      await Promise.allSettled(underWay.values());
    }
  }
}
