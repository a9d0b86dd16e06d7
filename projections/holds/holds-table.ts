import type { HoldEvent } from '../../src/domain/coach/events.js';
import { holdAfter } from '../../src/domain/coach/hold.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, text, timestamp, uuid } from '../columns.js';
import { type Change, put } from '../projection.js';
import { defineTable } from '../table.js';

/** Every hold as it is now. What the columns mean is in ../migrations/0008_holds.sql. */
export const holdsTable = defineTable({
  name: 'holds',
  key: ['id'],
  keep: 'latest',
  columns: {
    id: uuid,
    coachHashId: text,
    clientHashId: text,
    start: timestamp,
    duration: integer,
    state: text,
    heldAt: timestamp,
    expiresAt: timestamp,
    revision: bigint,
    updatedAt: timestamp,
  },
});

/**
 * What an event changes for a hold.
 * @param revision the place of the event in its stream
 */
export function holdChange(event: HoldEvent, revision: Revision): Change {
  const { reservationId: _, ...hold } = holdAfter(event);
  return put(holdsTable, { ...hold, revision, updatedAt: decidedAt(event) });
}

function decidedAt(event: HoldEvent): number {
  switch (event.type) {
    case 'SlotHeld':
      return event.heldAt;
    case 'HoldConfirmed':
      return event.confirmedAt;
    case 'HoldReleased':
      return event.releasedAt;
    case 'HoldExpired':
      return event.expiredAt;
    default:
      return event satisfies never;
  }
}
