/** Whose data a call may touch. */
export interface Scope {
  /** Everybody's: what else is here does not matter then. */
  readonly anybody: boolean;
  /** What this coach has; undefined: nothing of any coach as such. */
  readonly coachHashId: string | undefined;
  /** What this client has; undefined: nothing of any client as such. */
  readonly clientHashId: string | undefined;
}

/** Everybody's data. */
export const ANYBODY: Scope = { anybody: true, coachHashId: undefined, clientHashId: undefined };

/** Nobody's data: a key of a link is given, and what it opens is not known yet. */
export const BY_KEY: Scope = { anybody: false, coachHashId: undefined, clientHashId: undefined };

/** Of whom something is: a session, a hold, a series. What a coach offers has no client. */
export interface Owned {
  readonly coachHashId: string;
  readonly clientHashId?: string;
}

/** What a call gets to see of a row: nothing, when it is somebody else's. */
export function visible<Row extends Owned>(scope: Scope, row: Row | undefined): Row | undefined {
  return row && isWithin(scope, row) ? row : undefined;
}

/** Whether a call may touch something. */
export function isWithin(scope: Scope, { coachHashId, clientHashId }: Owned): boolean {
  if (scope.anybody || coachHashId === scope.coachHashId) return true;
  return clientHashId !== undefined && clientHashId === scope.clientHashId;
}
