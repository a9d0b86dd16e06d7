import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { holdReminders } from '../../projections/reminders/reminders-lease.js';
import { sessions } from '../../projections/sessions-projection.js';
import type { Commands } from '../../src/application/client/book.js';
import type { CoachCommand, ScheduleSession } from '../../src/domain/coach/commands.js';
import type { SessionReminderDue } from '../../src/domain/coach/events.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import { START } from '../../src/event-store/event-store.js';
import { createRemind, type Remind } from '../../src/reminders/remind.js';
import { runReminders } from '../../src/reminders/run-reminders.js';
import { run, silent, testWorld, type World } from '../projections/support.js';
import { commandProcess } from '../support/command-process.js';
import { submissionOf } from '../support/submissions.js';

/** Times of the sessions here. */
export const at = (time: string) => Date.parse(`2030-01-07T${time}:00Z`);

/** A world in which reminders are made, with a clock that stands until it is set. */
export interface ReminderWorld extends World {
  /** What time it is, in epoch milliseconds, for everybody. */
  time: number;
  readonly commands: Commands;
  /** Sends a command, which must be accepted. */
  does(command: CoachCommand): Promise<void>;
  /** The reminders in the log, in its order. */
  told(): Promise<SessionReminderDue[]>;
  /** Makes reminders as a process would, until the test ends or `stop` is called. */
  remind(offsets: readonly number[], options?: RemindOptions): Reminding;
  /** Waits until the process that makes reminders has nothing to do at the present time. */
  settled(): Promise<void>;
}

export interface RemindOptions {
  /** In the place of commands. */
  readonly remind?: Remind;
  readonly onWait?: () => void;
}

export interface Reminding {
  stop(): Promise<void>;
}

/** A booking at a time of that day. */
export function booking(time: string, more: Partial<ScheduleSession> = {}): ScheduleSession {
  return {
    type: 'ScheduleSession',
    coachHashId: 'ann',
    sessionId: randomUUID(),
    clientHashId: `client-${randomUUID()}`,
    start: at(time),
    duration: 1,
    now: at('06:00'),
    ...more,
  };
}

/** A world for one test, whose read model is kept up to date. It is 06:00. */
export async function reminderWorld(): Promise<ReminderWorld> {
  const inner = await testWorld();
  run(sessions, inner);
  const commands = commandProcess(inner.store);
  const world: ReminderWorld = {
    ...inner,
    time: at('06:00'),
    commands,

    async does(command) {
      expect(await commands.submit(submissionOf(command))).toMatchObject({ kind: 'accepted' });
    },

    async told() {
      const reading = new AbortController();
      const found: SessionReminderDue[] = [];
      const head = await inner.store.head();
      if (head === START) return found;
      for await (const batch of inner.store.subscribe(START, { prefixes: ['coach-'] }, reading.signal)) {
        for (const recorded of batch.events) {
          const event = coachEvents.decode(recorded);
          if (event.type === 'SessionReminderDue') found.push(event);
        }
        if (batch.position >= head) break;
      }
      reading.abort();
      return found;
    },

    remind(offsets, { remind, onWait = () => {} } = {}) {
      const running = new AbortController();
      const now = () => world.time;
      const making = runReminders({
        offsets,
        store: inner.store,
        holdLease: (signal, work) => holdReminders({ url: inner.url, signal, onWaiting: onWait }, work),
        remind: remind ?? createRemind({ commands: commandProcess(inner.store), now, newId: randomUUID }),
        now,
        log: silent,
        signal: running.signal,
        interval: 20,
      });
      const stop = () => {
        running.abort();
        return making;
      };
      onTestFinished(stop);
      return { stop };
    },

    async settled() {
      await expect
        .poll(
          async () => {
            const { rows } = await inner.pool.query<{ told: Date; position: bigint }>(
              'select min(told_up_to) as told, min(position) as position from read_model.reminder_offsets',
            );
            const ofBookings = await positionOfLastBooking(world);
            return rows[0]?.told?.getTime() === world.time && rows[0].position >= ofBookings;
          },
          { timeout: 10_000, interval: 10 },
        )
        .toBe(true);
    },
  };
  return world;
}

async function positionOfLastBooking({ pool }: World): Promise<bigint> {
  const { rows } = await pool.query<{ position: bigint }>(`
    select coalesce(max(position), 0) as position from event_store.events
    where type ~ 'Session(Scheduled|Rescheduled)$'`);
  return rows[0]!.position;
}
