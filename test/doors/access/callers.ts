import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken } from '../../../src/authentication/tokens/make-token.js';
import type { Role } from '../../../src/handlers/access/principal.js';

/** The coach and the client that callers of those roles are. */
export const OWN = { coach_hash_id: 'own-coach', client_hash_id: 'own-client' };

/** Some others. */
export const OTHERS = { coach_hash_id: 'other-coach', client_hash_id: 'other-client' };

/** A caller, by the roles that its token has. */
export type Caller = Role | 'coach and client';

export const CALLERS: readonly Caller[] = ['service', 'admin', 'analyst', 'coach', 'client', 'coach and client'];

/** A tokens file with a token for each caller, and the headers that show it. */
export async function makeCallers() {
  const directory = await mkdtemp(join(tmpdir(), 'callers-'));
  const path = join(directory, 'tokens.json');
  const now = Date.now();
  const headers = new Map<Caller, { readonly authorization: string }>();
  for (const caller of CALLERS) {
    const roles = caller.split(' and ') as Role[];
    const rights = {
      subject: `the ${caller}`,
      roles,
      ...(roles.includes('coach') && { coach_hash_id: OWN.coach_hash_id }),
      ...(roles.includes('client') && { client_hash_id: OWN.client_hash_id }),
    };
    const { token } = await makeToken(path, rights, now + 3_600_000, now);
    headers.set(caller, { authorization: `Bearer ${token}` });
  }
  return {
    path,
    headersOf: (caller: Caller) => headers.get(caller)!,
    remove: () => rm(directory, { recursive: true }),
  };
}
