import type { Logger } from 'pino';
import { lookAgain } from '../../look-again.js';
import { digestOf } from '../../secret-form.js';
import { type Credential, NotAccepted, type TokenVerifier, whyOver } from '../credential.js';
import { readTokens } from './read-tokens.js';
import { isToken, PREFIX } from './token.js';
import type { StoredToken } from './tokens-file.js';

/** Milliseconds between two looks at the file. */
const INTERVAL = 1_000;

/** What the verifier depends on; tests have their own. */
export interface Pace {
  /** Milliseconds between two looks at the file. */
  readonly interval?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** A token of the file, and the credential that everybody gets who shows it. */
interface Known {
  readonly stored: StoredToken;
  readonly credential: Credential & { isRevoked: boolean };
}

/**
 * Verifies the tokens that a tokens file keeps. Reads the file again once a second: a token that was revoked, changed
 * or taken out is revoked from then on, for credentials that were handed out, too. A file that cannot be used, or is
 * gone, is not taken: the tokens stay as they were, and the log says why, once. Throws `Correctable` when the first one
 * cannot be used.
 */
export async function createTokensVerifier(
  path: string,
  log: Logger,
  { interval = INTERVAL, now = Date.now }: Pace = {},
): Promise<TokenVerifier> {
  let file = await readTokens(path);
  let known: ReadonlyMap<string, Known> = new Map(file.tokens.map((stored) => [stored.digest, knownOf(stored)]));
  // Saves the digest. Only tokens of the file get here, each once, so that callers cannot make it grow.
  const verified = new Map<string, Known>();

  async function takeWhatIsNew(): Promise<void> {
    const found = await readTokens(path, file);
    if (found.tokens === file.tokens) return;
    file = found;
    const before = known;
    known = new Map(file.tokens.map((stored) => [stored.digest, sameIn(before, stored) ?? knownOf(stored)]));
    for (const [digest, one] of before) if (known.get(digest) !== one) one.credential.isRevoked = true;
    verified.clear();
    log.info({ tokens: file.tokens.length }, 'the tokens file has changed, and is taken');
  }

  function find(token: string): Known {
    if (!isToken(token)) throw new NotAccepted('the token is cut off or mistyped');
    // How long a look-up takes says nothing of the digests in the file: nobody can choose what a digest begins with.
    const found = known.get(digestOf(token));
    if (!found) throw new NotAccepted('the token is not known');
    verified.set(token, found);
    return found;
  }

  const stop = lookAgain(takeWhatIsNew, interval, (problem) =>
    log.error(`the tokens stay as they were, and none is revoked until the file can be used: ${problem}`),
  );

  return {
    takes: (token) => token.startsWith(PREFIX),
    verify(token) {
      const { credential } = verified.get(token) ?? find(token);
      const why = whyOver(credential, now());
      if (why) throw new NotAccepted(why);
      return credential;
    },
    stop,
  };
}

function knownOf(stored: StoredToken): Known {
  const { subject, roles, coach_hash_id, client_hash_id, expires_at, revoked_at } = stored;
  return {
    stored,
    credential: {
      principal: { subject, roles: new Set(roles), coachHashId: coach_hash_id, clientHashId: client_hash_id },
      expiresAt: Date.parse(expires_at),
      isRevoked: revoked_at !== undefined,
    },
  };
}

/** What was known of a token, if it is as it was. */
function sameIn(before: ReadonlyMap<string, Known>, stored: StoredToken): Known | undefined {
  const one = before.get(stored.digest);
  return one && JSON.stringify(one.stored) === JSON.stringify(stored) ? one : undefined;
}
