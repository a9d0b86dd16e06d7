import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import { createBackoff, createBell, pauseQuietly, within } from '../../waiting.js';
import type { Batch, Position } from '../event-store.js';
import { PAGE_ROWS } from './read-events.js';

/**
 * Milliseconds until a page is read again after Postgres did not answer: the first pause, doubled up to the longest.
 */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** Wakes subscriptions that wait at the end of the log. A call is a hint: there may be a new event, or none. */
export interface WakeUp {
  /** How often `call` was called. */
  readonly calls: number;
  call(): void;
  /**
   * Resolves when there have been calls since the count was `seen`, after `limit` milliseconds, or when the signal
   * aborts, whichever comes first.
   */
  wait(seen: number, limit: number, signal: AbortSignal): Promise<void>;
}

/** A wake-up without calls. */
export function createWakeUp(): WakeUp {
  const bell = createBell();
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    call: () => {
      calls += 1;
      bell.ring();
    },
    wait: (seen, limit, signal) => (calls === seen ? bell.wait(limit, signal) : Promise.resolve()),
  };
}

/** What is in the log after a position. */
export interface LogPage extends Batch {
  /** How far the log may reach, as is known from this page. A page that reaches it was the last one when it was read. */
  readonly head: Position;
}

/** Where a subscription reads, and what wakes it. */
export interface LogSource {
  readonly readPage: (after: Position) => Promise<LogPage>;
  /** The most pages to read while the consumer works on the page before them. */
  readonly pagesAhead: number;
  readonly wakeUp: WakeUp;
  /** Milliseconds after which to look for events without a wake-up. */
  readonly pollInterval: number;
  readonly log: Logger;
}

interface PageUnderWay {
  readonly after: Position;
  /** The wake-up's count of calls before the page was asked for. */
  readonly seen: number;
  readonly reading: Promise<LogPage>;
}

/**
 * Reads page after page from a position (exclusive) on and waits at the end of the log, until the signal aborts. While
 * Postgres is unavailable, it keeps trying.
 */
export async function* followLog(from: Position, source: LogSource, signal: AbortSignal): AsyncGenerator<Batch> {
  const { readPage, pagesAhead, wakeUp, pollInterval, log } = source;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  let position = from;
  let ahead: PageUnderWay[] = [];

  function ask(after: Position): PageUnderWay {
    // Counted before the read, so that a call during the read is not missed.
    const seen = wakeUp.calls;
    const reading = readPage(after);
    // A failure is thrown when the page is wanted, which may be never.
    reading.catch(() => {});
    return { after, seen, reading };
  }

  /** Asks for the pages behind one that has come, as far as it is known where they begin. */
  function askAhead(page: LogPage, isFull: boolean): void {
    // It ended before the place where they were expected to begin.
    if (ahead[0] && ahead[0].after !== page.position) ahead = [];
    let after = ahead.at(-1)?.after;
    while (ahead.length < (isFull ? pagesAhead : Math.min(1, pagesAhead))) {
      after = after === undefined ? page.position : after + BigInt(PAGE_ROWS);
      if (after >= page.head) return;
      ahead.push(ask(after));
    }
  }

  while (!signal.aborted) {
    const { after, seen, reading } = ahead.shift() ?? ask(position);
    let page: LogPage;
    try {
      page = await within(reading, { signal });
    } catch (err) {
      if (signal.aborted) return;
      if (!isConnectionError(err)) throw err;
      ahead = [];
      if (backoff.atStart) log.warn({ err, position }, 'Postgres did not answer, the subscription waits for it');
      await pauseQuietly(backoff.next(), signal);
      continue;
    }
    backoff.reset();
    askAhead(page, page.position === after + BigInt(PAGE_ROWS));
    if (page.position > position) {
      position = page.position;
      yield page;
    }
    if (page.position >= page.head) await wakeUp.wait(seen, pollInterval, signal);
  }
}
