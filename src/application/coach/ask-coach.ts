import { withoutRequest } from '../client/client-inbox.js';
import type { AskCoach } from '../client/settle.js';
import type { CoachInbox } from './coach-inbox.js';

/** Asks coaches what reservations are used for, by the command SettleReservation. */
export function createAskCoach(coaches: CoachInbox): AskCoach {
  return async ({ id: reservationId, coachHashId, sessionId }, clientHashId, abandon, submission) => {
    const { command, metadata, validateOnly, cancellation } = submission;
    const question = { coachHashId, clientHashId, reservationId, sessionId, abandon, now: command.now };
    const outcome = await coaches.submit({
      command: { type: 'SettleReservation', ...question },
      metadata: withoutRequest(metadata),
      validateOnly,
      cancellation,
    });
    if (outcome.kind === 'accepted') return 'nothing';
    const reason = outcome.kind === 'rejected' ? outcome.rejection.reason : undefined;
    if (reason === 'RESERVATION_BOOKED') return 'session';
    return reason === 'RESERVATION_HELD' ? 'hold' : 'pending';
  };
}
