import type { Logger } from 'pino';
import { meanwhile } from '../waiting.js';
import type { DueReminder, Lease } from './lease.js';
import type { Remind } from './remind.js';

/** Tells reminders, and those that failed again, until their sessions begin. */
export interface Telling {
  /** Tells all. What fails is told again later. */
  tell(reminders: readonly DueReminder[]): Promise<void>;
  /** Tells what has failed again, once in each interval. */
  again(): Promise<void>;
  /** Whether some have failed and are to be told again. */
  readonly isOpen: boolean;
}

/** How many reminders are under way at once. */
const AT_ONCE = 16;

/**
 * @param lease kept while reminders are under way
 * @param interval milliseconds between two signs of life, and at least so many between two attempts
 */
export function createTelling(
  remind: Remind,
  { beat, lost }: Pick<Lease, 'beat' | 'lost'>,
  interval: number,
  now: () => number,
  log: Logger,
): Telling {
  let failed: DueReminder[] = [];
  let retryAt = 0;

  async function tellOne(reminder: DueReminder): Promise<void> {
    try {
      await remind(reminder);
    } catch (err) {
      if (failed.length === 0) log.warn({ err }, 'a reminder failed and will be tried again');
      failed.push(reminder);
      retryAt = performance.now() + interval;
    }
  }

  async function tellAll(reminders: readonly DueReminder[]): Promise<void> {
    const waiting = reminders.values();
    const work = async () => {
      for (const reminder of waiting) {
        lost.throwIfAborted();
        await tellOne(reminder);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, reminders.length) }, work));
  }

  return {
    async tell(reminders) {
      if (reminders.length > 0) await meanwhile(tellAll(reminders), interval, beat);
    },
    async again() {
      if (failed.length === 0 || performance.now() < retryAt) return;
      const open = failed.filter(({ start }) => now() < start);
      failed = [];
      await this.tell(open);
    },
    get isOpen() {
      return failed.length > 0;
    },
  };
}
