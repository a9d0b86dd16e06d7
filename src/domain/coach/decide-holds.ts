import type { ZoneRules } from '../zones/zone-rules.js';
import { type CoachState, findHold, isAbandoned } from './coach.js';
import type { ConfirmHold, HoldSlot, ReleaseHold } from './commands.js';
import { accept, type Decision, reject, type SimpleReason } from './decision.js';
import { isWanted } from './etag.js';
import { etagOfHold, type Hold, hasExpired, holdFields, stateAt } from './hold.js';
import { scheduled } from './session.js';
import { decideWay, wayUnderPolicy } from './way-under-policy.js';

export function holdSlot(command: HoldSlot, state: CoachState, zoneRules: ZoneRules): Decision {
  const { holdId, coachHashId, clientHashId, start, duration, expiresAt, reservationId, now } = command;
  if (isAbandoned(state, reservationId)) return reject('RESERVATION_ABANDONED');
  const way = wayUnderPolicy(command, command, state, zoneRules);
  const ignoredPolicy = command.ignorePolicy || undefined;
  const hold = { holdId, coachHashId, clientHashId, start, duration, heldAt: now, expiresAt, reservationId };
  return decideWay(way, () => ({ type: 'SlotHeld', ...hold, ignoredPolicy }));
}

export function confirmHold(command: ConfirmHold, state: CoachState): Decision {
  return forOpenHold(command, state, (hold) => {
    const { now } = command;
    return accept(
      { type: 'HoldConfirmed', ...holdFields(hold), confirmedAt: now },
      scheduled({ ...hold, sessionId: hold.id, now }),
    );
  });
}

export function releaseHold(command: ReleaseHold, state: CoachState): Decision {
  return forOpenHold(command, state, (hold) =>
    accept({ type: 'HoldReleased', ...holdFields(hold), releasedAt: command.now }),
  );
}

const REASONS: Readonly<Record<Exclude<Hold['state'], 'open'>, SimpleReason>> = {
  confirmed: 'HOLD_CONFIRMED',
  released: 'HOLD_RELEASED',
  expired: 'HOLD_EXPIRED',
};

function forOpenHold(
  { holdId, etag, now }: ConfirmHold | ReleaseHold,
  state: CoachState,
  decide: (hold: Hold) => Decision,
): Decision {
  const hold = findHold(state, holdId);
  if (!hold) return reject('HOLD_NOT_FOUND');
  const current = etagOfHold(stateAt(hold, now));
  if (!isWanted(etag, current)) return reject({ reason: 'STALE_ETAG', etag: current });
  if (hold.state !== 'open') return reject(REASONS[hold.state]);
  return hasExpired(hold, now) ? reject('HOLD_EXPIRED') : decide(hold);
}
