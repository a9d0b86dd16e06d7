import { Code, ConnectError } from '@connectrpc/connect';
import type { CalendarLinks, CalendarOwner } from '../../application/calendar-links.js';

/** Makes the check that throws NOT_FOUND unless a key is that of a link to the calendar, whoever shows it. */
export function keyCheck({ opens }: Pick<CalendarLinks, 'opens'>) {
  return async (key: string, owner: CalendarOwner): Promise<void> => {
    if (await opens(key, owner)) return;
    throw new ConnectError('the key is not that of a link to this calendar, or the link was revoked', Code.NotFound);
  };
}
