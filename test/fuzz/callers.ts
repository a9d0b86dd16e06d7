import { makeToken } from '../../src/authentication/tokens/make-token.js';
import { revokeTokens } from '../../src/authentication/tokens/revoke-tokens.js';
import { newToken } from '../../src/authentication/tokens/token.js';
import type { Role } from '../../src/handlers/access/principal.js';

/** Who sends inputs. What is said of them here was made here: the service is not asked. */
export interface Caller {
  readonly name: string;
  readonly subject: string;
  readonly token: string;
  /** Whether the token is worth something. */
  readonly isAccepted: boolean;
  readonly roles: ReadonlySet<Role>;
  readonly coach?: string;
  readonly client?: string;
}

/** The subject of a token, which has no id of a coach or a client: histories show it to others. */
export function subjectOf({ roles, coach, client }: Kind): string {
  const ids = [coach, client].filter((id) => id !== undefined).map((id) => id.replace('-', ' '));
  return [...roles, ...ids].join(' ');
}

const HOUR = 3_600_000;

/** What a token says of its caller. */
export type Kind = Pick<Caller, 'coach' | 'client'> & { readonly roles: readonly Role[] };

/** Callers whose tokens are good. Coaches and clients are those of the world that have something of each kind. */
const ACCEPTED: readonly Kind[] = [
  { roles: ['admin'] },
  { roles: ['service'] },
  { roles: ['analyst'] },
  { roles: ['coach'], coach: 'coach-1' },
  { roles: ['client'], client: 'client-2' },
  { roles: ['coach', 'client'], coach: 'coach-3', client: 'client-3' },
  { roles: ['coach'], coach: 'coach-0' },
  { roles: ['client'], client: 'client-1' },
];

/** Callers who would have rights if their tokens were good. */
const NOT_ACCEPTED: readonly Kind[] = [{ roles: ['service'] }, { roles: ['coach'], coach: 'coach-1' }];

/** Makes a tokens file, and callers with tokens that are in it, and that are not. The first one may do everything. */
export async function makeCallers(path: string): Promise<readonly Caller[]> {
  const now = Date.now();
  const callerOf = (kind: Kind, state: string, token: string): Caller => ({
    name: `${kind.roles.join(' and ')}, ${state}`,
    subject: subjectOf(kind),
    token,
    isAccepted: state === 'accepted',
    ...kind,
    roles: new Set(kind.roles),
  });
  async function make(kind: Kind, state: string, since: number): Promise<{ caller: Caller; id: string }> {
    const { roles, coach, client } = kind;
    const rights = {
      subject: subjectOf(kind),
      roles: [...roles],
      ...(coach && { coach_hash_id: coach }),
      ...(client && { client_hash_id: client }),
    };
    const { token, stored } = await makeToken(path, rights, since + 12 * HOUR, since);
    return { caller: callerOf(kind, state, token), id: stored.id };
  }

  const callers: Caller[] = [];
  for (const kind of ACCEPTED) callers.push((await make(kind, 'accepted', now)).caller);
  for (const kind of NOT_ACCEPTED) {
    callers.push((await make(kind, 'expired', now - 24 * HOUR)).caller);
    const { caller, id } = await make(kind, 'revoked', now);
    await revokeTokens(path, { ids: [id] }, now);
    callers.push(caller, callerOf(kind, 'unknown', newToken()));
  }
  return callers;
}
