import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { HoldRow } from '../../application/read-model.js';
import type { Accepted } from '../../application/submission.js';
import type { CoachEvent, HoldEvent } from '../../domain/coach/events.js';
import { hasExpired, holdAfter, type HoldState as StateName } from '../../domain/coach/hold.js';
import { type HoldSchema, HoldState } from '../../gen/aceup/scheduler/v1/hold_pb.js';

type HoldInit = MessageInitShape<typeof HoldSchema>;

/** The hold as a command leaves it; without an id when a new hold was only validated. */
export function lastHold({ events, revision }: Accepted, now: number): HoldInit {
  const event = events.filter(isOfHold).at(-1);
  if (!event) throw new Error('a command for a hold led to no event of a hold');
  const hold = holdOf(holdAfter(event), now);
  return revision === undefined && event.type === 'SlotHeld' ? { ...hold, id: '' } : hold;
}

/** A hold of the read model or the domain, as callers get it at a time. */
export function holdOf(hold: HoldRow, now: number): HoldInit {
  const { id, coachHashId, clientHashId, start, duration, state, expiresAt, heldAt } = hold;
  return {
    id,
    coachHashId,
    clientHashId,
    start: timestampFromMs(start),
    duration,
    state: STATES[state === 'open' && hasExpired(hold, now) ? 'expired' : state],
    expiresAt: timestampFromMs(expiresAt),
    createdAt: timestampFromMs(heldAt),
  };
}

function isOfHold(event: CoachEvent): event is HoldEvent {
  return 'holdId' in event;
}

const STATES: Readonly<Record<StateName, HoldState>> = {
  open: HoldState.OPEN,
  confirmed: HoldState.CONFIRMED,
  released: HoldState.RELEASED,
  expired: HoldState.EXPIRED,
};
