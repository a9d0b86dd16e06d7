import { Code } from '@connectrpc/connect';
import type { Outcome } from '../application/submission.js';
import type { Interval } from '../domain/calendar.js';
import type { Rejection } from '../domain/coach.js';
import { refused, tryAgain } from './errors.js';

/**
 * The accepted outcome; every other one is thrown as the error that stands for it. This is the one table from outcomes
 * to codes.
 */
export function accepted(outcome: Outcome): Extract<Outcome, { kind: 'accepted' }> {
  switch (outcome.kind) {
    case 'accepted':
      return outcome;
    case 'rejected':
      throw errorOf(outcome.rejection);
    case 'request-id-reused':
      throw refused(Code.InvalidArgument, 'REQUEST_ID_REUSED', 'request_id: was used for another request');
    case 'contended':
      throw tryAgain(Code.Aborted, 'other writers were faster too often; nothing was written');
    default:
      return outcome satisfies never;
  }
}

function errorOf(rejection: Rejection) {
  switch (rejection.reason) {
    case 'COACH_OVERLAP': {
      const { start, end } = interval(rejection.inTheWay);
      return refused(Code.AlreadyExists, rejection.reason, `the coach has a session from ${start} to ${end}`, {
        start,
        end,
      });
    }
    default:
      return rejection.reason satisfies never;
  }
}

/** RFC 3339, as protobuf JSON writes it: no fraction when there is none. */
function interval({ start, end }: Interval): { start: string; end: string } {
  const text = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');
  return { start: text(start), end: text(end) };
}
