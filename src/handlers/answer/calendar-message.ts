import { Code, type ConnectError } from '@connectrpc/connect';
import { type CalendarLink, MAX_CALENDAR_LINKS } from '../../application/calendar-links.js';
import { MAX_CALENDAR_SOURCES } from '../../application/calendar-sources.js';
import type { CalendarReading } from '../../domain/availability/calendar-reading.js';
import { timestampOf } from '../../json/times.js';
import { refused } from './errors.js';

/** FAILED_PRECONDITION: the coach has as many calendar sources as it may have. */
export function calendarSourceQuota(): ConnectError {
  const message = `the coach has ${MAX_CALENDAR_SOURCES} calendar sources, the most that are allowed`;
  return refused(Code.FailedPrecondition, 'CALENDAR_SOURCE_QUOTA', message);
}

/** FAILED_PRECONDITION: there are as many links to the calendar as there may be. */
export function calendarLinkQuota(): ConnectError {
  const message = `the calendar has ${MAX_CALENDAR_LINKS} links, the most that are allowed`;
  return refused(Code.FailedPrecondition, 'CALENDAR_LINK_QUOTA', message);
}

/** A link as callers get it: without its key. */
export function calendarLinkMessage({ owner, createdAt, usedAt, ...same }: CalendarLink) {
  return {
    ...same,
    ...owner,
    createdAt: timestampOf(createdAt),
    ...(usedAt !== undefined && { usedAt: timestampOf(usedAt) }),
  };
}

/** What was read in a calendar, as callers get it. */
export function readingMessage({ leftOut, followedUntil }: CalendarReading) {
  return { leftOut, followedUntil: timestampOf(followedUntil) };
}
