import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import { createBackoff, createBell, pauseQuietly, within } from '../../waiting.js';
import type { Batch, Position } from '../event-store.js';

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
  /** Whether the page reaches to the end that the log had when it was read. */
  readonly atEnd: boolean;
}

/** Where a subscription reads, and what wakes it. */
export interface LogSource {
  readonly readPage: (after: Position) => Promise<LogPage>;
  readonly wakeUp: WakeUp;
  /** Milliseconds after which to look for events without a wake-up. */
  readonly pollInterval: number;
  readonly log: Logger;
}

interface PageUnderWay {
  /** The wake-up's count of calls before the page was asked for. */
  readonly seen: number;
  readonly reading: Promise<LogPage>;
}

/**
 * Reads page after page from a position (exclusive) on and waits at the end of the log, until the signal aborts. Reads
 * one page ahead, if there is more, while the consumer works on the page before. While Postgres is unavailable, it
 * keeps trying.
 */
export async function* followLog(from: Position, source: LogSource, signal: AbortSignal): AsyncGenerator<Batch> {
  const { readPage, wakeUp, pollInterval, log } = source;
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  let position = from;
  let ahead: PageUnderWay | undefined;

  function ask(after: Position): PageUnderWay {
    // Counted before the read, so that a call during the read is not missed.
    const seen = wakeUp.calls;
    const reading = readPage(after);
    // A failure is thrown when the page is wanted, which may be never.
    reading.catch(() => {});
    return { seen, reading };
  }

  while (!signal.aborted) {
    const { seen, reading } = ahead ?? ask(position);
    ahead = undefined;
    let page: LogPage;
    try {
      page = await within(reading, { signal });
    } catch (err) {
      if (signal.aborted) return;
      if (!isConnectionError(err)) throw err;
      if (backoff.atStart) log.warn({ err, position }, 'Postgres did not answer, the subscription waits for it');
      await pauseQuietly(backoff.next(), signal);
      continue;
    }
    backoff.reset();
    if (!page.atEnd) ahead = ask(page.position);
    if (page.position > position) {
      position = page.position;
      yield page;
    }
    if (page.atEnd) await wakeUp.wait(seen, pollInterval, signal);
  }
}
