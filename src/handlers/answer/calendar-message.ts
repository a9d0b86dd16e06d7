import { Code, type ConnectError } from '@connectrpc/connect';
import { refused } from './errors.js';

/** How many calendar sources a coach may have. */
export const MAX_CALENDAR_SOURCES = 20;

/** How many links there may be to the calendar of one coach or client. */
export const MAX_CALENDAR_LINKS = 20;

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
