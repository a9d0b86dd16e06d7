import type { ConfirmHold, HoldSlot, ReleaseHold } from './commands.js';
import { scheduled } from './decide-sessions.js';
import { accept, type Decision, reject, type SimpleReason } from './decision.js';
import type { Hold } from './hold.js';
import { type CoachState, findHold } from './state.js';
import { expiryOf, overlapWith, toldOf, wayOf } from './time.js';

export function holdSlot(command: HoldSlot, { calendar, abandoned }: CoachState): Decision {
  const { type: _, now, ...hold } = command;
  if (abandoned.has(command.reservationId)) return reject('RESERVATION_ABANDONED');
  const { inTheWay, expired } = wayOf(calendar, command, now);
  if (inTheWay) return reject(overlapWith(inTheWay));
  return accept(...expiryOf(expired, now), { type: 'SlotHeld', ...hold, heldAt: now });
}

export function confirmHold(command: ConfirmHold, state: CoachState): Decision {
  return forOpenHold(command, state, (hold) => {
    const { now } = command;
    return accept(
      { type: 'HoldConfirmed', ...toldOf(hold), confirmedAt: now },
      scheduled({ ...hold, sessionId: hold.id, now }),
    );
  });
}

export function releaseHold(command: ReleaseHold, state: CoachState): Decision {
  return forOpenHold(command, state, (hold) =>
    accept({ type: 'HoldReleased', ...toldOf(hold), releasedAt: command.now }),
  );
}

const REASONS: Readonly<Record<Exclude<Hold['state'], 'open'>, SimpleReason>> = {
  confirmed: 'HOLD_CONFIRMED',
  released: 'HOLD_RELEASED',
  expired: 'HOLD_EXPIRED',
};

function forOpenHold(
  { holdId, now }: ConfirmHold | ReleaseHold,
  state: CoachState,
  decide: (hold: Hold) => Decision,
): Decision {
  const hold = findHold(state, holdId);
  if (!hold) return reject('HOLD_NOT_FOUND');
  if (hold.state !== 'open') return reject(REASONS[hold.state]);
  return now < hold.expiresAt ? decide(hold) : reject('HOLD_EXPIRED');
}
