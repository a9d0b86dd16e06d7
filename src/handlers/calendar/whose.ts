import type { CalendarOwner } from '../../application/calendar-links.js';
import { isWithin, type Scope } from '../access/scope.js';
import { denied } from '../answer/errors.js';
import { type Broken, check, optionalHashId } from '../request/fields.js';

export type { CalendarOwner };

/** The fields of a request that say whose calendar is meant. */
export interface NamesOwner {
  readonly coachHashId: string;
  readonly clientHashId: string;
}

/**
 * Whose calendar a request is about. Throws INVALID_ARGUMENT with all violations, unless it names a coach or a client,
 * and not both.
 * @param others the violations of the request's other fields
 */
export function ownerOf({ coachHashId, clientHashId }: NamesOwner, ...others: Broken[]): CalendarOwner {
  check(
    optionalHashId('coach_hash_id', coachHashId),
    optionalHashId('client_hash_id', clientHashId),
    coachHashId || clientHashId
      ? undefined
      : { field: 'coach_hash_id', description: 'must be given, or client_hash_id' },
    coachHashId && clientHashId
      ? { field: 'client_hash_id', description: 'must be empty when coach_hash_id is given' }
      : undefined,
    ...others,
  );
  return coachHashId ? { coachHashId } : { clientHashId };
}

/**
 * Whether a call may touch the calendar. The scope alone does not say so: a request that names a client only passes for
 * any coach.
 */
export function isOwn(scope: Scope, owner: CalendarOwner): boolean {
  return isWithin(scope, { coachHashId: '', ...owner });
}

/** Throws PERMISSION_DENIED for a calendar that a call may not touch. */
export function checkOwn(scope: Scope, owner: CalendarOwner): void {
  if (!isOwn(scope, owner)) throw denied('the request names somebody else than the caller');
}
