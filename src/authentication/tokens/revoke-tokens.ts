import { Correctable } from '../../correctable.js';
import { changeTokens } from './change-tokens.js';
import { instant } from './make-token.js';
import { named } from './read-tokens.js';
import type { StoredToken } from './tokens-file.js';

/** Which tokens: those with these ids, or all of a subject. */
export type Which = { readonly ids: readonly string[] } | { readonly subject: string };

/**
 * Revokes tokens, all or none, and answers them as they are in the file then. They stay in the file, so that the list
 * shows what became of them and callers are told so. One that was revoked before keeps the time at which it was. Throws
 * `Correctable` for an id or a subject without a token, and what `changeTokens` throws.
 * @param now epoch milliseconds
 */
export async function revokeTokens(path: string, which: Which, now: number): Promise<readonly StoredToken[]> {
  let revoked: readonly StoredToken[] = [];
  await changeTokens(
    path,
    (tokens) => {
      checkThere(path, which, tokens);
      const after = tokens.map((token) =>
        isAmong(which, token) ? { ...token, revoked_at: token.revoked_at ?? instant(now) } : token,
      );
      revoked = after.filter((token) => isAmong(which, token));
      return after;
    },
    now,
  );
  return revoked;
}

function isAmong(which: Which, { id, subject }: StoredToken): boolean {
  return 'ids' in which ? which.ids.includes(id) : subject === which.subject;
}

function checkThere(path: string, which: Which, tokens: readonly StoredToken[]): void {
  const missing =
    'ids' in which
      ? which.ids.filter((id) => !tokens.some((token) => token.id === id)).map((id) => `with the id ${id}`)
      : tokens.some(({ subject }) => subject === which.subject)
        ? []
        : [`of the subject ${which.subject}`];
  if (missing.length === 0) return;
  throw new Correctable(
    `${named(path)} has no token ${missing.join(', none ')}; nothing was revoked. List them: npx scheduler token list`,
  );
}
