import { Code, ConnectError } from '@connectrpc/connect';
import type { CalendarLinks, CalendarOwner } from '../../application/calendar-links.js';
import { isLongerThan } from '../../domain/text.js';
import type { Broken } from '../request/fields.js';

const MAX_KEY = 128;

/** The key of a link; empty means none. */
export function linkKey(field: string, value: string): Broken {
  return isLongerThan(value, MAX_KEY) ? { field, description: 'must be a key that this service gave' } : undefined;
}

/** Makes the check that throws NOT_FOUND unless a key is that of a link to the calendar, whoever shows it. */
export function keyCheck({ opens }: Pick<CalendarLinks, 'opens'>) {
  return async (key: string, owner: CalendarOwner): Promise<void> => {
    if (await opens(key, owner)) return;
    throw new ConnectError('the key is not that of a link to this calendar, or the link was revoked', Code.NotFound);
  };
}
