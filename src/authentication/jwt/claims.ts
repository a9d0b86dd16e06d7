import type { JWTPayload } from 'jose';
import { type Principal, ROLES, type Role } from '../../handlers/access/principal.js';
import { hashId } from '../../handlers/request/fields.js';
import { NotAccepted } from '../credential.js';

/** Which claims of a token say who the caller is. */
export interface ClaimNames {
  readonly roles: string;
  readonly coach: string;
  readonly client: string;
}

/** OpenID Connect gives a subject at most 255 ASCII characters. */
const SUBJECT = /^[!-~](?:[ -~]{0,253}[!-~])?$/;

/** Who a token says that its caller is. Throws `NotAccepted` when the subject or an id is not well-formed. */
export function principalOf(claims: JWTPayload, names: ClaimNames): Principal {
  const { sub } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) {
    throw new NotAccepted("the token's sub must be 1 to 255 printable ASCII characters");
  }
  return {
    subject: sub,
    roles: rolesIn(claimOf(claims, names.roles)),
    coachHashId: idIn(claims, names.coach),
    clientHashId: idIn(claims, names.client),
  };
}

/**
 * A claim by its name. A name with a colon or a slash, `https://example.com/roles`, is that of one claim, whatever dots it
 * has; dots in any other, `realm_access.roles`, lead into objects. Undefined when there is no such claim.
 */
export function claimOf(claims: JWTPayload, name: string): unknown {
  const path = /[:/]/.test(name) ? [name] : name.split('.');
  return path.reduce<unknown>(memberOf, claims);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The roles in a list, or in a text in which spaces separate them. Names that mean nothing here are ignored. */
function rolesIn(claim: unknown): ReadonlySet<Role> {
  const named: readonly unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : [];
  return new Set(ROLES.filter((role) => named.includes(role)));
}

function idIn(claims: JWTPayload, name: string): string | undefined {
  const id = claimOf(claims, name) ?? undefined;
  if (id === undefined) return undefined;
  if (typeof id !== 'string') throw new NotAccepted(`the token's ${name} must be a text`);
  const broken = hashId(name, id);
  if (broken) throw new NotAccepted(`the token's ${name} ${broken.description}`);
  return id;
}
