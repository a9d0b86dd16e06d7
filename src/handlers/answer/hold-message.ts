import type { HoldRow } from '../../application/read-model.js';
import type { Accepted } from '../../application/submission.js';
import type { CoachEvent, HoldEvent } from '../../domain/coach/events.js';
import { etagOfHold, holdAfter, type HoldState as StateName, stateAt } from '../../domain/coach/hold.js';
import { type Hold, HoldState } from '../../gen/aceup/scheduler/v1/hold_pb.js';
import { timestampOf } from '../../json/times.js';

/**
 * The hold as a command left it, the same for ever: it does not expire in a repeated answer. Without an id when a new
 * hold was only validated.
 */
export function lastHold({ events, revision }: Accepted): Hold {
  const event = events.filter(isOfHold).at(-1);
  if (!event) throw new Error('a command for a hold led to no event of a hold');
  const hold = holdLeftBy(event);
  if (revision !== undefined) return hold;
  return { ...hold, etag: '', ...(event.type === 'SlotHeld' && { id: '' }) };
}

/** The hold as an event left it. */
export function holdLeftBy(event: HoldEvent): Hold {
  const after = holdAfter(event);
  return messageOf(after, after.state);
}

/** A hold of the read model or the domain, as callers get it at a time. */
export function holdOf(hold: HoldRow, now: number): Hold {
  return messageOf(hold, stateAt(hold, now));
}

/** The name of a state; undefined for an unspecified state. */
export function holdStateName(state: HoldState): StateName | undefined {
  return STATE_NAMES.find((name) => STATES[name] === state);
}

function messageOf(hold: HoldRow, state: StateName): Hold {
  const { id, coachHashId, clientHashId, start, duration, expiresAt, heldAt } = hold;
  return {
    $typeName: 'aceup.scheduler.v1.Hold',
    id,
    coachHashId,
    clientHashId,
    start: timestampOf(start),
    duration,
    state: STATES[state],
    expiresAt: timestampOf(expiresAt),
    createdAt: timestampOf(heldAt),
    etag: etagOfHold(state),
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
const STATE_NAMES = Object.keys(STATES) as StateName[];
