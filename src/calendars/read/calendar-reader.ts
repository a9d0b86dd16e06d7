import { createFairShares, TooMuchWaits, type Work } from '../../fair-shares.js';
import { createDeferred } from '../../waiting.js';
import type { BusyTimes } from './read-busy-times.js';
import type { Document } from './reading.js';
import { createReadingThread, type ReadingThread } from './reading-thread.js';
import { CalendarRefused } from './refusal.js';
import { WORKER } from './worker-file.js';

/** The most bytes of a document. */
export const MAX_BYTES = 1_048_576;

/** In milliseconds: how long a thread may work on a document. */
export const LONGEST_READING = 2_000;

/** Reads documents in threads of their own, so that nothing else waits for them. */
export interface CalendarReader {
  /**
   * The busy times in a document. Rejects with CalendarRefused for one that cannot be read, is larger than 1 MiB, or
   * takes more than 2 s; with TooMuchWaits when too many documents wait; with the reason of the signal once it aborts.
   */
  read(request: ReadingRequest): Promise<BusyTimes>;
  /** Ends the threads. What is being read, or waits, is rejected. */
  close(): Promise<void>;
}

export interface ReadingRequest extends Document {
  /** Callers take turns. */
  readonly caller: string;
  readonly signal?: AbortSignal;
  /** Which of the UIDs in a document are those of sessions and holds of this service. The thread waits: it must settle. */
  ownAmong(uids: readonly string[]): Promise<readonly string[]>;
}

/** A caller alone has one of the two threads: whoever comes next finds the other. */
const CAPACITY = 1.4;

/** The most documents that wait. Each may have 1 MiB. */
const MAX_WAITING = 50;

/** For tests: their sources are not compiled, and their machine has much else to do. */
export interface ReaderSettings {
  /** The compiled worker. */
  readonly worker?: URL;
  /** In milliseconds: how long a thread may work on a document. */
  readonly longestReading?: number;
}

/** @param zoneRulesPath as for `loadZoneRules` */
export function createCalendarReader(
  zoneRulesPath: string | undefined,
  { worker = WORKER, longestReading = LONGEST_READING }: ReaderSettings = {},
): CalendarReader {
  const shares = createFairShares(CAPACITY, MAX_WAITING);
  const closing = new AbortController();
  let threads: ReadingThread[] = [];

  function idleThread(): ReadingThread {
    // A thread may have ended while it had no work.
    threads = threads.filter((thread) => thread.isAlive());
    const idle = threads.find((thread) => thread.isIdle());
    if (idle) return idle;
    const started = createReadingThread(worker, { zoneRulesPath }, longestReading);
    threads.push(started);
    return started;
  }

  async function readNow(request: ReadingRequest): Promise<BusyTimes> {
    closing.signal.throwIfAborted();
    return await idleThread().read(request, closing.signal);
  }

  return {
    read(request) {
      const { bytes, caller, signal } = request;
      if (bytes.length > MAX_BYTES) return Promise.reject(tooLarge(bytes.length));
      const outcome = createDeferred<BusyTimes>(signal && { signal });
      const work: Work = {
        caller,
        cost: 1,
        get isOver() {
          return outcome.settled || closing.signal.aborted;
        },
        begin() {
          const reading = readNow(request).then(outcome.resolve, outcome.reject);
          void reading.finally(() => shares.leave(work));
        },
        drop: () => outcome.reject(closing.signal.reason),
      };
      if (!outcome.settled && !shares.enter(work))
        outcome.reject(new TooMuchWaits('too many calendars wait to be read'));
      return outcome.promise;
    },

    async close() {
      closing.abort(new Error('the reader of calendars is closed'));
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

function tooLarge(length: number): CalendarRefused {
  const rule = `it may have at most ${MAX_BYTES.toLocaleString('en')} bytes`;
  return new CalendarRefused('too large', `the document is too large: ${rule}; got ${length.toLocaleString('en')}`);
}
