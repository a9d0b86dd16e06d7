import { textTable } from '../../text-table.js';
import type { StoredToken } from './tokens-file.js';

/** What a token is worth. */
export type TokenState = 'active' | 'expired' | 'revoked';

/** @param now epoch milliseconds */
export function stateOf({ expires_at, revoked_at }: StoredToken, now: number): TokenState {
  if (revoked_at !== undefined) return 'revoked';
  return Date.parse(expires_at) > now ? 'active' : 'expired';
}

const HEADINGS = ['ID', 'SUBJECT', 'ROLES', 'COACH', 'CLIENT', 'CREATED', 'EXPIRES', 'STATE'];

/** Tokens as a table for people, a line each under the headings. */
export function tableOf(tokens: readonly StoredToken[], now: number): string {
  const rows = tokens.map((token) => [
    token.id,
    token.subject,
    token.roles.join(','),
    token.coach_hash_id ?? '-',
    token.client_hash_id ?? '-',
    token.created_at,
    token.expires_at,
    stateOf(token, now),
  ]);
  return textTable(HEADINGS, rows);
}

/** Tokens as JSON for scripts: what the file has of each but the digest, and its state. */
export function jsonOf(tokens: readonly StoredToken[], now: number): string {
  const listed = tokens.map((token) => ({ ...token, digest: undefined, state: stateOf(token, now) }));
  return JSON.stringify(listed, undefined, 2);
}
