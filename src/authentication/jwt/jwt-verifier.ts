import { type JWTHeaderParameters, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { type Credential, NotAccepted, type TokenVerifier, whyOver } from '../credential.js';
import { type ClaimNames, principalOf } from './claims.js';
import { ALGORITHMS, type SigningKey } from './jwks.js';
import { openKeyFile } from './key-file.js';
import type { SigningKeys } from './key-set.js';
import { FETCH_TIMES, type FetchTimes, followKeyUrl, isKeyUrl } from './key-url.js';
import { createMemory } from './token-memory.js';
import { orNotAccepted } from './why-not-accepted.js';

/** Which tokens are accepted, and what is read of them. */
export interface JwtSettings {
  /** The JSON Web Key Set of the issuer: a URL, or the path of a file. */
  readonly jwks: string;
  readonly issuer: string;
  readonly audience: string;
  readonly claims: ClaimNames;
}

/** Time, as the verifier sees it. */
export interface JwtTimes extends FetchTimes {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds between two looks at a file of keys. */
  readonly look: number;
}

/** Time as it is. */
const TIMES: JwtTimes = { ...FETCH_TIMES, now: Date.now, look: 1_000 };

/** How far the clocks of issuers may be off, in seconds. */
const SKEW = 30;

/** The last time that a date can be: a token that is valid for longer says something else. */
const LAST_TIME = 8.64e15;

/** The longest token, in characters. */
const MAX_TOKEN = 8_192;

const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;

// Issuers sign other things with the same keys, such as notices of a logout.
const ACCESS_TOKEN = /^(?:application\/)?(?:at\+)?jwt$/i;

/**
 * Verifies JSON Web Tokens of one issuer. A token that was verified is remembered until it expires, or its key is taken
 * from the set, and costs one look into a map. Throws `Correctable` when a file of keys cannot be used; a URL is fetched
 * in the background.
 */
export async function createJwtVerifier(
  { jwks, issuer, audience, claims }: JwtSettings,
  log: Logger,
  times: JwtTimes = TIMES,
): Promise<TokenVerifier> {
  const keys = await openKeys(jwks, log, times);
  const options: JWTVerifyOptions = {
    algorithms: [...ALGORITHMS],
    issuer,
    audience,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: SKEW,
  };
  const remembered = createMemory();
  const underWay = new Map<string, Promise<Credential>>();

  async function verifyAnew(token: string): Promise<Credential> {
    if (token.length > MAX_TOKEN) throw new NotAccepted(`the token is longer than ${MAX_TOKEN} characters`);
    // The decoder takes spaces, too: one token would be remembered under any number of spellings.
    if (!FORM.test(token)) throw new NotAccepted('the token is not a well-formed JSON Web Token');
    const { key, payload } = await verifySignature(token);
    const credential = credentialOf(payload, key, claims);
    remembered.add(token, credential);
    return credential;
  }

  async function verifySignature(token: string): Promise<{ key: SigningKey; payload: JWTPayload }> {
    let key: SigningKey | undefined;
    const keyOf = async (header: JWTHeaderParameters) => {
      key = await keyFor(header, keys);
      return key.publicKey;
    };
    try {
      const { payload } = await jwtVerify(token, keyOf, { ...options, currentDate: new Date(times.now()) });
      return { key: key!, payload };
    } catch (error) {
      throw orNotAccepted(error);
    }
  }

  return {
    takes: hasThreeParts,
    verify(token) {
      const known = remembered.get(token);
      if (known && !whyOver(known, times.now())) return known;
      const begun = underWay.get(token);
      if (begun) return begun;
      const verification = verifyAnew(token).finally(() => underWay.delete(token));
      underWay.set(token, verification);
      return verification;
    },
    stop: keys.stop,
  };
}

async function openKeys(jwks: string, log: Logger, times: JwtTimes): Promise<SigningKeys> {
  return isKeyUrl(jwks) ? followKeyUrl(jwks, log, times) : openKeyFile(jwks, log, times.look);
}

function hasThreeParts(token: string): boolean {
  const second = token.indexOf('.', token.indexOf('.') + 1);
  return second > token.indexOf('.') && !token.includes('.', second + 1);
}

/** The key that a header names. What the header brings along (`jwk`, `jku`, `x5c`, `x5u`) proves nothing. */
function keyFor({ alg, kid, typ }: JWTHeaderParameters, keys: SigningKeys): SigningKey | Promise<SigningKey> {
  if (typ !== undefined && !(typeof typ === 'string' && ACCESS_TOKEN.test(typ))) {
    throw new NotAccepted('the token is not an access token');
  }
  if (kid !== undefined && typeof kid !== 'string') {
    throw new NotAccepted('the token is not a well-formed JSON Web Token');
  }
  return keys.keyOf({ alg, kid });
}

function credentialOf(payload: JWTPayload, key: SigningKey, claims: ClaimNames): Credential {
  const principal = principalOf(payload, claims);
  const expiresAt = (payload.exp! + SKEW) * 1_000;
  if (expiresAt > LAST_TIME) throw new NotAccepted("the token's exp is not a time");
  return {
    principal,
    expiresAt,
    get isRevoked() {
      return !key.isCurrent;
    },
  };
}
