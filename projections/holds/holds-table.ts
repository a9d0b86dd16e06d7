import type { HoldEvent } from '../../src/domain/coach/events.js';
import { type Hold, holdAfter, holdChangedAt } from '../../src/domain/coach/hold.js';
import type { Revision } from '../../src/event-store/event-store.js';
import { bigint, integer, text, timestamp, uuid } from '../column-types.js';
import type { Table } from '../table.js';

/** A hold as an event left it. */
interface HoldChange {
  readonly hold: Hold;
  readonly revision: Revision;
  /** In epoch milliseconds. */
  readonly updatedAt: number;
}

/** Every hold as it is now. */
export const holdsTable = {
  name: 'holds',
  comment: 'Every slot ever held, one row each, as it is now.',
  key: ['id'],
  keep: 'latest',
  columns: {
    id: {
      type: uuid,
      of: ({ hold }) => hold.id,
      comment: 'The hold, a UUIDv7. A session made from it has the same id.',
    },
    coachHashId: { type: text, of: ({ hold }) => hold.coachHashId, comment: 'The coach.' },
    clientHashId: { type: text, of: ({ hold }) => hold.clientHashId, comment: 'The client for whom the slot is held.' },
    start: { type: timestamp, of: ({ hold }) => hold.start, comment: 'When the slot begins.' },
    duration: {
      type: integer,
      of: ({ hold }) => hold.duration,
      comment: 'How long the slot lasts, in whole minutes, 1 to 1440.',
    },
    state: {
      type: text,
      of: ({ hold }) => hold.state,
      comment:
        'open: it keeps the slot until expires_at. confirmed: it became a session. released: the caller gave it up. ' +
        'expired: somebody else wanted the slot after expires_at. Most holds whose time has run out stay open: compare ' +
        'expires_at.',
    },
    heldAt: {
      type: timestamp,
      of: ({ hold }) => hold.heldAt,
      comment: 'When the slot was held, by the clock of the service.',
    },
    expiresAt: {
      type: timestamp,
      of: ({ hold }) => hold.expiresAt,
      comment: 'When the hold stops keeping the slot, by the clock of the service.',
    },
    revision: {
      type: bigint,
      of: ({ revision }) => revision,
      comment: "The place in the coach's stream, from 0, of the last event that changed the row.",
    },
    updatedAt: {
      type: timestamp,
      of: ({ updatedAt }) => updatedAt,
      comment: 'When the last change was decided, by the clock of the service.',
    },
  },
} as const satisfies Table<HoldChange>;

/**
 * What an event does to a hold.
 * @param revision of the event, in the stream of the coach
 */
export function holdChange(event: HoldEvent, revision: Revision): HoldChange {
  return { hold: holdAfter(event), revision, updatedAt: holdChangedAt(event) };
}
