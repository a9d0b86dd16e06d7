import { createHash } from 'node:crypto';
import type { CalendarSynced, SyncCalendar } from '../../application/sync-calendar.js';
import { CalendarRefused } from '../../calendars/read/refusal.js';
import type { SyncTimeOffRequest } from '../../gen/aceup/scheduler/v1/availability_service_pb.js';
import { readingMessage } from '../answer/calendar-message.js';
import { invalidArgument, withReasonForLog } from '../answer/errors.js';
import { consistencyToken } from '../answer/tokens.js';
import type { Call } from '../call.js';
import type { Broken } from '../request/fields.js';
import { type CommandParts, submit } from '../request/submit-command.js';

// Time off that is given as an iCalendar document.

const CHARSET = /^[A-Za-z0-9._:+-]{0,40}$/;

/** What is wrong with the fields of the document, whatever is in it. */
export function brokenCalendar({ calendar, calendarCharset, timeOff }: SyncTimeOffRequest): Broken[] {
  return [
    calendar && timeOff.length > 0 ? { field: 'calendar', description: 'must be absent with `time_off`' } : undefined,
    brokenCharset(calendarCharset, calendar !== undefined),
  ];
}

function brokenCharset(charset: string, hasCalendar: boolean): Broken {
  const field = 'calendar_charset';
  if (charset !== '' && !hasCalendar) return { field, description: 'must be empty without `calendar`' };
  if (CHARSET.test(charset)) return undefined;
  return { field, description: 'must be at most 40 characters of A-Z a-z 0-9 . _ : + -' };
}

/** What the sync of a document needs. */
export interface SyncCalendarParts extends Pick<CommandParts, 'commands'> {
  readonly syncCalendar: SyncCalendar;
}

/** Syncs with a document. Throws INVALID_ARGUMENT with the sentence of its refusal. */
export async function syncGivenCalendar(
  parts: SyncCalendarParts,
  call: Call,
  request: SyncTimeOffRequest & { readonly calendar: Uint8Array },
) {
  const { coachHashId, source, calendar: bytes, calendarCharset } = request;
  // Not what was read: sent again, the document is read at another time.
  const content = { coachHashId, source, calendar: request.requestId && sha256(bytes), calendarCharset };
  const { caller, cancellation } = call;
  const charset = calendarCharset || undefined;
  try {
    const synced = await parts.syncCalendar(
      { coachHashId, source, bytes, charset, caller, cancellation },
      async (command) => (await submit(parts, call, request, command, content)).accepted,
    );
    return answerOf(synced);
  } catch (error) {
    throw error instanceof CalendarRefused ? refusedCalendar(error) : error;
  }
}

function answerOf({ total, added, removed, reading, position }: CalendarSynced) {
  return {
    total,
    added,
    removed,
    consistencyToken: position === undefined ? '' : consistencyToken(position),
    calendar: readingMessage(reading),
  };
}

function refusedCalendar({ why, line, message }: CalendarRefused) {
  const field = why === 'unknown charset' ? 'calendar_charset' : 'calendar';
  const place = line === undefined ? '' : `line ${line}: `;
  return withReasonForLog(invalidArgument({ field, description: message }), `${field}: ${place}${why}`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
