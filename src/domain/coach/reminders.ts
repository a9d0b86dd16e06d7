import type { SessionReminderDue } from './events.js';

const MINUTE = 60_000;

/** The reminders of a session that its last change left scheduled. */
export interface Reminders {
  /** The offsets that were told, in minutes before the start. */
  readonly offsets: readonly number[];
  /** When the last of them was told, in epoch milliseconds. */
  readonly lastAt: number;
}

/** The reminders of a session after one more. */
export function withReminder(reminders: Reminders | undefined, event: SessionReminderDue): Reminders {
  return { offsets: [...(reminders?.offsets ?? []), event.offsetMinutes], lastAt: event.remindedAt };
}

/** When a reminder of a session with this start is due, in epoch milliseconds. */
export function dueAt(start: number, offsetMinutes: number): number {
  return start - offsetMinutes * MINUTE;
}
