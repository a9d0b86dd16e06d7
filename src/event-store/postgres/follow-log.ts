import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isConnectionError } from '../../postgres/pool.js';
import type { Batch, Position } from '../event-store.js';
import type { WakeUp } from './wake-up.js';

/** Milliseconds until a page is read again that Postgres did not answer: the first pause, doubled up to the longest. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** What is in the log after a position. */
export interface LogPage extends Batch {
  /** Whether the page reaches to the end that the log had when it was read. */
  readonly atEnd: boolean;
}

/** What it takes to follow the log. */
export interface LogSource {
  readonly readPage: (after: Position) => Promise<LogPage>;
  readonly wakeUp: WakeUp;
  /** Milliseconds after which to look for events without having been woken. */
  readonly pollInterval: number;
  readonly log: Logger;
}

interface PageUnderWay {
  /** How often the wake-up had been called before. */
  readonly seen: number;
  readonly reading: Promise<LogPage>;
}

/**
 * Reads page after page from a position on and waits at the end of the log, until the signal aborts. While one page is
 * worked on, the next one is read, if there is more. While Postgres is away, it keeps trying.
 */
export async function* followLog(from: Position, source: LogSource, signal: AbortSignal): AsyncGenerator<Batch> {
  const { readPage, wakeUp, pollInterval, log } = source;
  let position = from;
  let pause = FIRST_PAUSE;
  let ahead: PageUnderWay | undefined;

  function ask(after: Position): PageUnderWay {
    // Counted before the read, so that a call during the read is not missed.
    const seen = wakeUp.calls;
    const reading = readPage(after);
    // Told when the page is wanted, which may be never.
    reading.catch(() => {});
    return { seen, reading };
  }

  while (!signal.aborted) {
    const { seen, reading } = ahead ?? ask(position);
    ahead = undefined;
    let page: LogPage | undefined;
    try {
      page = await unlessAborted(reading, signal);
    } catch (err) {
      if (!isConnectionError(err)) throw err;
      if (pause === FIRST_PAUSE) log.warn({ err, position }, 'Postgres did not answer, the subscription waits for it');
      await sleep(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      continue;
    }
    if (!page) return;
    pause = FIRST_PAUSE;
    if (!page.atEnd) ahead = ask(page.position);
    if (page.position > position) {
      position = page.position;
      yield page;
    }
    if (page.atEnd) await wakeUp.wait(seen, pollInterval, signal);
  }
}

/** What the promise resolves to, or `undefined` as soon as the signal aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(undefined);
    signal.addEventListener('abort', give, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}
