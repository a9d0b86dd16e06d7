/** How many links there may be to the calendar of one coach or client. */
export const MAX_CALENDAR_LINKS = 20;

/** Whose calendar it is: a coach's or a client's. */
export type CalendarOwner = { readonly coachHashId: string } | { readonly clientHashId: string };

/** A secret link to a calendar. Times are in epoch milliseconds. */
export interface CalendarLink {
  /** No secret: it names the link, and opens nothing. */
  readonly id: string;
  readonly owner: CalendarOwner;
  readonly description: string;
  readonly createdAt: number;
  /** When it was used last, an hour less at most; undefined: never. */
  readonly usedAt: number | undefined;
}

/**
 * The secret links to calendars, for all processes of the service. Everything throws `ReadModelUnavailable` when Postgres
 * is unavailable.
 */
export interface CalendarLinks {
  /** Makes a link. Nobody but whoever gets this answer knows its key. Undefined: the calendar has as many as it may. */
  create(owner: CalendarOwner, description: string): Promise<{ link: CalendarLink; key: string } | undefined>;
  /** The links to a calendar, the oldest first. */
  list(owner: CalendarOwner): Promise<readonly CalendarLink[]>;
  /** Revokes a link to this calendar: from now on it opens nothing, in whichever process. False: there is none. */
  revoke(owner: CalendarOwner, id: string): Promise<boolean>;
  /** Whether a key is that of a link to this calendar, and of no other. */
  opens(key: string, owner: CalendarOwner): Promise<boolean>;
}
