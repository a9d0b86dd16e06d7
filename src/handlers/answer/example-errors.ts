import { type Code, ConnectError } from '@connectrpc/connect';
import type { Outcome } from '../../application/submission.js';
import type { Rejection } from '../../domain/coach/decision.js';
import { utc } from '../../domain/zones/zone-rules.js';
import { calendarLinkQuota, calendarSourceQuota } from './calendar-message.js';
import { rateLimited, readerTooSlow } from './errors.js';
import { acceptedOrThrow } from './outcome.js';
import { webhookQuota } from './webhook-message.js';

const HOUR = 3_600_000;
const start = Date.UTC(2022, 11, 1, 14, 30);
const end = start + HOUR;
const inTheWay = { start, end };

/** An error with a reason as the service answers it, with sample values. Throws for what is not a reason. */
export function exampleOfReason(reason: string): ConnectError {
  if (reason === 'RATE_LIMITED')
    return rateLimited('at most 600 reads a minute for a caller; try again in 12 s', 12_000, {});
  if (reason === 'READER_TOO_SLOW') return readerTooSlow(4_711n);
  if (reason === 'WEBHOOK_QUOTA') return webhookQuota();
  if (reason === 'CALENDAR_SOURCE_QUOTA') return calendarSourceQuota();
  if (reason === 'CALENDAR_LINK_QUOTA') return calendarLinkQuota();
  try {
    acceptedOrThrow(outcomeWith(reason));
  } catch (error) {
    if (error instanceof ConnectError) return error;
  }
  throw new Error(`${reason} is not a reason of an error`);
}

function outcomeWith(reason: string): Outcome {
  if (reason === 'REQUEST_ID_REUSED') return { kind: 'request-id-reused' };
  return { kind: 'rejected', rejection: rejectionWith(reason as Rejection['reason']) };
}

function rejectionWith(reason: Rejection['reason']): Rejection {
  switch (reason) {
    case 'COACH_OVERLAP':
    case 'SLOT_HELD':
    case 'CLIENT_OVERLAP':
      return { reason, inTheWay };
    case 'SERIES_CONFLICT': {
      const times = { start, end, inTheWayStart: start, inTheWayEnd: end };
      return { reason, conflicts: [{ occurrence: 3, reason: 'COACH_OVERLAP', ...times, obstacles: [] }] };
    }
    case 'AGAINST_POLICY': {
      const hours = [{ start: start - 5 * HOUR, end: start - HOUR }];
      return { reason, obstacles: [{ code: 'OUTSIDE_HOURS', start, end, hours, until: end }], zone: utc };
    }
    case 'STALE_ETAG':
      return { reason, etag: '2' };
    default:
      return { reason };
  }
}

/** An error without a reason as the service answers it, for lack of a sample. */
export function exampleOfCode(code: Code, when: string): ConnectError {
  return new ConnectError(asDetail(when), code);
}

/** The first sentence of when an error is answered, as the text of the error. */
export function asDetail(when: string): string {
  const [sentence = ''] = when.split(/\.(?= |$)/);
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
