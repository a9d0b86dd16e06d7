import type { Accepted } from '../../application/submission.js';
import type { OfferingEvent } from '../../domain/availability/events.js';

/** The one event that a command led to. The answer is made from it, and so the same whenever the command is sent. */
export function eventOf<Event extends OfferingEvent>({ events }: Accepted, type: Event['type']): Event {
  const [event] = events;
  if (event?.type !== type) throw new Error(`a command led to ${event?.type}, not to ${type}`);
  return event as Event;
}

/** The etag of what a command has set; empty when nothing was written. */
export function etagLeftBy({ revision }: Accepted): string {
  return revision === undefined ? '' : String(revision);
}
