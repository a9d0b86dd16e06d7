import type { Logger } from 'pino';
import { holdReminders } from '../projections/reminders/reminders-lease.js';
import type { Commands } from './application/client/book.js';
import type { EventStore } from './event-store/event-store.js';
import { createRemind } from './reminders/remind.js';
import { runReminders } from './reminders/run-reminders.js';
import type { Shutdown } from './shutdown.js';
import { createStateLog } from './state-log.js';

/** What reminders need. */
export interface StartRemindersParts {
  readonly store: EventStore;
  /** The database of the read model. */
  readonly url: string;
  readonly commands: Commands;
  readonly newId: () => string;
  /** The setting: in minutes before the start, the longest first. */
  readonly offsets: readonly number[];
}

/** Makes reminders until the shutdown, unless another process does. */
export function startReminders(parts: StartRemindersParts, log: Logger, shutdown: Shutdown): void {
  const { url, ...others } = parts;
  const running = new AbortController();
  const onNewState = createStateLog();
  const wait = {
    onWaiting: () => onNewState('waiting', () => log.info('another process makes the reminders; this one waits')),
    onTakeOver: () =>
      onNewState('taking over', () => log.warn('the process that made the reminders has stopped; taking over')),
  };
  const making = runReminders({
    ...others,
    holdLease: (signal, work) => holdReminders({ url, signal, ...wait }, work),
    remind: createRemind({ ...others, now: Date.now }),
    now: Date.now,
    log,
    signal: running.signal,
  });
  shutdown.add(() => {
    running.abort();
    return making;
  });
}
