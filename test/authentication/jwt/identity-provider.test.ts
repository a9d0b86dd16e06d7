import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { aProviderKey, startIdentityProvider } from '../../support/identity-provider.js';
import { aLog, aVerifier, outcomeOf } from '../../support/jwts.js';

const AUDIENCE = 'https://scheduler.example.com';
const CLAIMS = { realm_access: { roles: ['coach', 'offline_access'] }, 'https://example.com/coach': 'auth0|1f' };
const NAMES = { roles: 'realm_access.roles', coach: 'https://example.com/coach', client: 'client_hash_id' };
let first: JWK;
let second: JWK;

beforeAll(async () => {
  [first, second] = await Promise.all([aProviderKey('first'), aProviderKey('second', 'ES256')]);
});

async function started() {
  const provider = await startIdentityProvider(CLAIMS, first);
  const { issuer, jwks } = provider;
  const log = aLog();
  const verifier = await aVerifier(
    { jwks, issuer, audience: AUDIENCE, claims: NAMES },
    { now: Date.now, cooldown: 0, refresh: 50 },
    log,
  );
  await expect.poll(() => log.lines).toHaveLength(1);
  return { ...provider, ...log, verifier, outcome: (token: string) => outcomeOf(verifier, token) };
}

describe('an OpenID provider', () => {
  test('gives a client a token, by its own credentials, that says who it is', async () => {
    const { token, outcome } = await started();
    const access = await token(AUDIENCE);
    expect(decodeProtectedHeader(access)).toEqual({ alg: 'RS256', kid: 'first', typ: 'at+jwt' });
    expect(await outcome(access)).toMatchObject({
      principal: { subject: 'billing', roles: new Set(['coach']), coachHashId: 'auth0|1f', clientHashId: undefined },
      expiresAt: (decodeJwt(access).exp! + 30) * 1_000,
    });
  });

  test('gives tokens for others, which are not accepted', async () => {
    const { token, outcome } = await started();
    expect(await outcome(await token('https://billing.example.com'))).toBe(
      'NotAccepted: the token is for another audience',
    );
  });

  test('is not another with the same keys', async () => {
    const { jwks, token } = await started();
    const log = aLog();
    const verifier = await aVerifier({ jwks, issuer: 'https://elsewhere', audience: AUDIENCE }, { now: Date.now }, log);
    await expect.poll(() => log.lines).toHaveLength(1);
    expect(await outcomeOf(verifier, await token(AUDIENCE))).toBe('NotAccepted: the token is from another issuer');
  });

  test('rotates its keys: new tokens at once, old ones while their key is published', async () => {
    const { token, use, verifier, outcome } = await started();
    const old = await token(AUDIENCE);
    const credential = await verifier.verify(old);
    use(second, first);
    const fresh = await token(AUDIENCE);
    expect(decodeProtectedHeader(fresh)).toMatchObject({ alg: 'ES256', kid: 'second' });
    expect(await outcome(fresh)).toMatchObject({ isRevoked: false });
    expect(verifier.verify(old)).toBe(credential);
    use(second);
    await expect.poll(() => credential.isRevoked).toBe(true);
    expect(await outcome(old)).toBe('NotAccepted: the token is signed by a key that is not known');
    expect(await outcome(fresh)).toMatchObject({ isRevoked: false });
  });
});
