const HASH_ID = /^[A-Za-z0-9._~:-]{1,128}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The rule for ids of coaches and clients, as callers read it. Their ids are opaque to the service. */
export const HASH_ID_RULE = '1 to 128 characters of A-Z a-z 0-9 . _ ~ : -';

/** Whether a text may be the id of a coach or a client. */
export function isHashId(text: string): boolean {
  return HASH_ID.test(text);
}

/** Whether a text is a UUID, in lower or upper case, as the ids of sessions, holds and series are. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
