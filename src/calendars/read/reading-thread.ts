import { Worker } from 'node:worker_threads';
import { createDeferred } from '../../waiting.js';
import type { BusyTimes } from './read-busy-times.js';
import type { Document, FromReader, FromWorker, WorkerSettings } from './reading.js';
import { CalendarRefused } from './refusal.js';

/** A thread that reads one document at a time. */
export interface ReadingThread {
  /**
   * Reads a document. Rejects with CalendarRefused when it cannot be read, or when that takes too long, which ends the
   * thread; with the reason of the signal once it aborts, which ends it, too.
   */
  read(task: ReadingTask, signal: AbortSignal): Promise<BusyTimes>;
  /** Whether it can read a document, now or later. */
  isAlive(): boolean;
  /** Whether it can read one now. */
  isIdle(): boolean;
  end(): Promise<void>;
}

export interface ReadingTask extends Document {
  ownAmong(uids: readonly string[]): Promise<readonly string[]>;
}

/** In megabytes. A document of 1 MiB takes about 30. */
const MEMORY = 128;

/**
 * Starts a thread. It keeps the process alive while it reads.
 * @param longest how long it may work on a document, in milliseconds: the time for `ownAmong` does not count
 */
export function createReadingThread(file: URL, settings: WorkerSettings, longest: number): ReadingThread {
  // What a document could do to the thread, it does without the secrets in the environment.
  const worker = new Worker(file, {
    workerData: settings,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  });
  let isAlive = true;
  let isReading = false;
  /** Called with what the worker tells, and with an error when it ends by itself. */
  let hear: (message: FromWorker) => void = () => {};
  worker.on('message', (message: FromWorker) => hear(message));
  worker.on('error', (error) => fail(error));
  worker.on('exit', () => fail(new Error('the thread that reads calendars has ended')));
  worker.unref();

  function fail(error: Error): void {
    isAlive = false;
    hear({ type: 'failed', error });
  }

  async function end(): Promise<void> {
    isAlive = false;
    await worker.terminate();
  }

  const tell = (message: FromReader) => worker.postMessage(message);

  return {
    async read({ bytes, charset, zone, now, ownAmong }, signal) {
      const clock = createClock(longest, () => outcome.reject(tookTooLong(longest)));
      const outcome = createDeferred<BusyTimes>({ signal }, () => {
        hear = () => {};
        clock.stop();
      });
      const goOn = (uids: readonly string[]) => {
        if (outcome.settled) return;
        clock.start();
        tell({ type: 'own uids', uids });
      };
      hear = (message) => {
        clock.stop();
        if (message.type === 'begun') clock.start();
        else if (message.type === 'uids') ownAmong(message.uids).then(goOn, outcome.reject);
        else if (message.type === 'read') outcome.resolve(message.busyTimes);
        else outcome.reject(errorOf(message));
      };
      isReading = true;
      worker.ref();
      tell({ type: 'document', document: { bytes, charset, zone, now } });
      try {
        return await outcome.promise;
      } catch (error) {
        // It may be at work for ever.
        if (clock.isTimeUp() || signal.aborted) await end();
        throw error;
      } finally {
        isReading = false;
        worker.unref();
      }
    },
    isAlive: () => isAlive,
    isIdle: () => isAlive && !isReading,
    end,
  };
}

function tookTooLong(longest: number): CalendarRefused {
  return new CalendarRefused('too much work', `the document takes too long to read: more than ${longest / 1000} s`);
}

function errorOf(message: Extract<FromWorker, { type: 'refused' | 'failed' }>): Error {
  if (message.type === 'refused') return new CalendarRefused(message.why, message.sentence, message.line);
  if ((message.error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return message.error;
  return new CalendarRefused('too much work', 'the document takes too much memory to read');
}

/** A time limit for work with pauses. It begins with one. */
function createClock(longest: number, whenUp: () => void) {
  let left = longest;
  let startedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isUp = false;
  return {
    isTimeUp: () => isUp,
    start() {
      startedAt = performance.now();
      timer = setTimeout(() => {
        isUp = true;
        whenUp();
      }, left);
    },
    stop() {
      if (timer) left -= performance.now() - startedAt;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
