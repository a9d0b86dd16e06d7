import { randomBytes } from 'node:crypto';
import { makeToken } from '../../src/authentication/tokens/make-token.js';
import { revokeTokens } from '../../src/authentication/tokens/revoke-tokens.js';
import { newToken } from '../../src/authentication/tokens/token.js';
import type { Role } from '../../src/handlers/access/principal.js';

/** Who sends inputs. What is said of them here was made here: the service is not asked. */
export interface Caller {
  readonly name: string;
  readonly token: string;
  /** Whether the token is worth something. */
  readonly isAccepted: boolean;
  readonly roles: ReadonlySet<Role>;
  readonly coach?: string;
  readonly client?: string;
}

const HOUR = 3_600_000;

type Kind = Pick<Caller, 'coach' | 'client'> & { readonly roles: readonly Role[] };

/** Callers whose tokens are good. Coaches and clients are those of the world that have something of each kind. */
const ACCEPTED: readonly Kind[] = [
  { roles: ['service'] },
  { roles: ['admin'] },
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
  const callerOf = ({ roles, ...ids }: Kind, state: string, token: string): Caller => ({
    name: `${roles.join(' and ')}, ${state}`,
    token,
    isAccepted: state === 'accepted',
    roles: new Set(roles),
    ...ids,
  });
  async function make(kind: Kind, state: string, since: number): Promise<{ caller: Caller; id: string }> {
    const { roles, coach, client } = kind;
    const rights = {
      subject: `${roles.join(' and ')} ${coach ?? ''} ${client ?? ''}`.trim(),
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
    callers.push(caller, callerOf(kind, 'unknown', newToken()), callerOf(kind, 'forged', forged(kind)));
  }
  return callers;
}

/** A JWT that nobody signed, or that somebody signed with a key of their own. */
function forged({ roles, coach, client }: Kind): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = coach ? { alg: 'HS256', typ: 'JWT' } : { alg: 'none' };
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const claims = { sub: 'forged', roles, coach_hash_id: coach, client_hash_id: client, exp };
  return `${part(header)}.${part(claims)}.${coach ? randomBytes(32).toString('base64url') : ''}`;
}
