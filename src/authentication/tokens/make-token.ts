import { randomBytes } from 'node:crypto';
import { digestOf } from '../../secret-form.js';
import { changeTokens } from './change-tokens.js';
import { newToken } from './token.js';
import type { Rights, StoredToken } from './tokens-file.js';

/**
 * Makes a token, and adds it to the tokens file, which is made when it is not there. The answer is the only place that
 * has the token itself. Throws what `changeTokens` throws.
 * @param expiresAt epoch milliseconds; whole seconds count
 * @param now epoch milliseconds
 */
export async function makeToken(
  path: string,
  rights: Rights,
  expiresAt: number,
  now: number,
): Promise<{ readonly token: string; readonly stored: StoredToken }> {
  const token = newToken();
  const times = { created_at: instant(now), expires_at: instant(expiresAt) };
  let stored!: StoredToken;
  await changeTokens(
    path,
    (tokens) => {
      stored = { id: newId(tokens), ...rights, ...times, digest: digestOf(token) };
      return [...tokens, stored];
    },
    now,
  );
  return { token, stored };
}

/** An instant for people, to the second. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

/** Short, for people to type: the file is small, and an id that is taken is not given again. */
function newId(tokens: readonly StoredToken[]): string {
  for (;;) {
    const id = randomBytes(4).toString('hex');
    if (!tokens.some((token) => token.id === id)) return id;
  }
}
