import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import fc from 'fast-check';
import { base64url, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '../../../src/authentication/credential.js';
import {
  aFile,
  aVerifier,
  claimsWith,
  createSigner,
  keySetOf,
  NOW,
  outcomeOf,
  type Signer,
} from '../../support/jwts.js';

const SECOND = NOW / 1_000;
let signer: Signer;
let other: Signer;
let rsa: Signer;

beforeAll(async () => {
  [signer, other, rsa] = await Promise.all([createSigner('one'), createSigner('other'), createSigner('rsa', 'RS256')]);
});

async function verifierOf(...keys: readonly (Signer | object)[]) {
  return aVerifier({ jwks: await aFile(keySetOf(...keys)) });
}

/** A token of any header and payload, signed by whatever makes a signature of the first two parts. */
function token(header: object, payload: object, sign: (signed: string) => Uint8Array | string): string {
  const signed = [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.');
  return `${signed}.${base64url.encode(sign(signed))}`;
}

const hmac = (secret: string | Uint8Array) => (signed: string) => createHmac('sha256', secret).update(signed).digest();

describe('accepted', () => {
  test('a token of the issuer for this service, until it expires', async () => {
    const verifier = await verifierOf(signer);
    const token = await signer.sign(claimsWith({ roles: ['coach'], coach_hash_id: '123' }));
    const credential = (await verifier.verify(token)) as Credential;
    expect(credential.principal).toEqual({
      subject: 'anna',
      roles: new Set(['coach']),
      coachHashId: '123',
      clientHashId: undefined,
    });
    expect(credential.expiresAt).toBe(NOW + 330_000);
    expect(credential.isRevoked).toBe(false);
  });

  test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    '%s, also when the key does not name its algorithm',
    async (alg) => {
      const signer = await createSigner('one', alg);
      const token = await signer.sign(claimsWith());
      const { alg: _, ...unnamed } = signer.jwk;
      expect(await outcomeOf(await verifierOf(signer), token)).toMatchObject({ principal: { subject: 'anna' } });
      expect(await outcomeOf(await verifierOf(unnamed), token)).toMatchObject({ principal: { subject: 'anna' } });
    },
  );

  test.each<[string, JWTPayload]>([
    ['expired, within the skew', { exp: SECOND - 29 }],
    ['not yet valid, within the skew', { nbf: SECOND + 30 }],
    ['for several audiences', { aud: ['another', 'scheduler'] }],
    ['issued in the future', { iat: SECOND + 1_000 }],
  ])('%s', async (_, claims) => {
    const accepted = await outcomeOf(await verifierOf(signer), await signer.sign(claimsWith(claims)));
    expect(accepted).toMatchObject({ principal: { subject: 'anna' } });
  });

  test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('of the type %s', async (typ) => {
    const accepted = await outcomeOf(await verifierOf(signer), await signer.sign(claimsWith(), { typ }));
    expect(accepted).toMatchObject({ principal: { subject: 'anna' } });
  });

  test('without kid, when one key fits', async () => {
    const verifier = await verifierOf(signer, rsa);
    const token = await rsa.sign(claimsWith(), { kid: undefined });
    expect(await outcomeOf(verifier, token)).toMatchObject({ principal: { subject: 'anna' } });
  });
});

describe('refused by what it claims', () => {
  test.each<[string, JWTPayload, string]>([
    ['of another issuer', { iss: 'https://issuer.example.com/' }, 'the token is from another issuer'],
    ['of no issuer', { iss: undefined }, 'the token has no iss'],
    ['for another audience', { aud: 'another' }, 'the token is for another audience'],
    ['for other audiences', { aud: ['another', 'third'] }, 'the token is for another audience'],
    ['for no audience', { aud: undefined }, 'the token has no aud'],
    ['expired', { exp: SECOND - 30 }, 'the token has expired'],
    ['without exp', { exp: undefined }, 'the token has no exp'],
    ['exp is a text', { exp: '2040' as unknown as number }, "the token's exp is not a number"],
    ['exp is beyond time', { exp: 1e300 }, "the token's exp is not a time"],
    ['not yet valid', { nbf: SECOND + 31 }, 'the token is not valid yet'],
    ['without sub', { sub: undefined }, 'the token has no sub'],
    ['an empty sub', { sub: '' }, "the token's sub must be 1 to 255 printable ASCII characters"],
    ['a coach id that is none', { coach_hash_id: 'a b' }, /^NotAccepted: the token's coach_hash_id must be 1 to 128/],
  ] as [string, JWTPayload, string][])('%s', async (_, claims, reason) => {
    const outcome = await outcomeOf(await verifierOf(signer), await signer.sign(claimsWith(claims)));
    expect(outcome).toEqual(typeof reason === 'string' ? `NotAccepted: ${reason}` : expect.stringMatching(reason));
  });
});

describe('refused by how it is signed', () => {
  const refusal = async (token: string, ...keys: readonly (Signer | object)[]) =>
    outcomeOf(await verifierOf(...(keys.length > 0 ? keys : [signer])), token);

  test.each(['none', 'None', 'NONE'])('alg: %s', async (alg) => {
    expect(await refusal(token({ alg, kid: 'one' }, claimsWith(), () => ''))).toBe(
      "NotAccepted: the token's algorithm is not accepted",
    );
  });

  test.each(['PEM', 'DER', 'JWK', 'n'])('the public key as the secret of HS256: %s', async (form) => {
    const key = createPublicKey({ key: rsa.jwk as JsonWebKey, format: 'jwk' });
    const secret = {
      PEM: key.export({ type: 'spki', format: 'pem' }),
      DER: key.export({ type: 'spki', format: 'der' }),
      JWK: JSON.stringify(rsa.jwk),
      n: rsa.jwk.n!,
    }[form]!;
    const forged = token({ alg: 'HS256', kid: 'rsa' }, claimsWith(), hmac(secret));
    expect(await refusal(forged, rsa)).toBe("NotAccepted: the token's algorithm is not accepted");
  });

  test('a symmetric key, though it is in the set', async () => {
    const secret = { kty: 'oct', k: base64url.encode('secret'.repeat(8)), kid: 'oct' };
    const forged = token({ alg: 'HS256', kid: 'oct' }, claimsWith(), hmac('secret'.repeat(8)));
    expect(await refusal(forged, signer, secret)).toBe("NotAccepted: the token's algorithm is not accepted");
  });

  test('another algorithm than that of the key', async () => {
    const pss = { ...rsa.jwk, alg: 'PS256' };
    expect(await refusal(await rsa.sign(claimsWith()), pss)).toBe(
      'NotAccepted: the token is signed by a key that is not known',
    );
  });

  test('a key that encrypts', async () => {
    const unusable = [
      { ...signer.jwk, use: 'enc' },
      { ...signer.jwk, key_ops: ['sign'] },
    ];
    expect(await refusal(await signer.sign(claimsWith()), other, ...unusable)).toBe(
      'NotAccepted: the token is signed by a key that is not known',
    );
  });

  test('a tampered payload', async () => {
    const [header, , signature] = (await signer.sign(claimsWith())).split('.');
    const payload = base64url.encode(JSON.stringify(claimsWith({ roles: ['admin'] })));
    expect(await refusal([header, payload, signature].join('.'))).toBe(
      "NotAccepted: the token's signature does not fit",
    );
  });

  test.each<[string, (signature: string) => string]>([
    ['another', (signature) => (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)],
    ['half of it', (signature) => signature.slice(0, 43)],
    ['none', () => ''],
  ])('a tampered signature: %s', async (_, tamper) => {
    const [header, payload, signature] = (await signer.sign(claimsWith())).split('.');
    expect(await refusal([header, payload, tamper(signature!)].join('.'))).toBe(
      "NotAccepted: the token's signature does not fit",
    );
  });

  test('the name of another key', async () => {
    expect(await refusal(await other.sign(claimsWith(), { kid: 'one' }))).toBe(
      "NotAccepted: the token's signature does not fit",
    );
  });

  test('an unknown kid', async () => {
    expect(await refusal(await other.sign(claimsWith()))).toBe(
      'NotAccepted: the token is signed by a key that is not known',
    );
  });

  test('no kid, when several keys fit', async () => {
    expect(await refusal(await signer.sign(claimsWith(), { kid: undefined }), signer, other)).toBe(
      'NotAccepted: the token does not say which of several keys signed it',
    );
  });

  test('a key that the token brings along, or says where to get', async () => {
    const header = { jwk: other.jwk, jku: 'https://attacker.example.com/jwks', x5u: 'https://attacker.example.com/' };
    const asKnown = await other.sign(claimsWith(), { ...header, kid: 'one' });
    expect(await refusal(asKnown)).toBe("NotAccepted: the token's signature does not fit");
    expect(await refusal(await other.sign(claimsWith(), header))).toMatch(/key that is not known$/);
  });
});

describe('refused by its form', () => {
  const malformed = 'NotAccepted: the token is not a well-formed JSON Web Token';
  const refusal = async (token: string) => outcomeOf(await verifierOf(signer), token);

  test('an extension that must be understood, and is not', async () => {
    const header = { alg: 'ES256', kid: 'one', crit: ['exp2'], exp2: 1 };
    expect(await refusal(token(header, claimsWith(), () => 'x'))).toBe(
      'NotAccepted: the token has extensions that are not known',
    );
  });

  test('an unencoded payload', async () => {
    const header = { alg: 'ES256', kid: 'one', crit: ['b64'], b64: false };
    expect(await refusal(token(header, claimsWith(), () => 'x'))).toMatch(/^NotAccepted: /);
  });

  test('too long', async () => {
    const long = await signer.sign(claimsWith({ groups: 'x'.repeat(8_192) }));
    expect(await refusal(long)).toBe('NotAccepted: the token is longer than 8192 characters');
  });

  test.each(['logout+jwt', 'secevent+jwt', 'JWE', 5])('of the type %s', async (typ) => {
    expect(await refusal(await signer.sign(claimsWith(), { typ }))).toBe(
      'NotAccepted: the token is not an access token',
    );
  });

  test('a kid that is no text', async () => {
    expect(await refusal(token({ alg: 'ES256', kid: 5 }, claimsWith(), () => 'x'))).toBe(malformed);
  });

  test.each([[[]], ['text'], [null]])('a payload that is no object: %j', async (payload) => {
    expect(await refusal(await signer.sign(payload))).toBe(malformed);
  });

  test.each(['a.b.c', '..', 'e30.e30.', `${base64url.encode('{"alg":"ES256"')}.e30.e30`, 'a.b.\u00e9', 'a.b c.d'])(
    '%s',
    async (token) => {
      expect(await refusal(token)).toBe(malformed);
    },
  );

  test.each(['==', ' ', '\t'])('another spelling of the same signature: "%s" at its end', async (end) => {
    const accepted = await signer.sign(claimsWith());
    expect(await refusal(accepted + end)).toBe(malformed);
  });

  test('what is no JWT by its form is not of this kind', async () => {
    const { takes } = await verifierOf(signer);
    expect(['', '.', 'a.b', 'a.b.c.d', 'a.b.c.d.e', 'sst_1234'].filter(takes)).toEqual([]);
    expect(['a.b.c', '..', 'a.b.'].filter((token) => !takes(token))).toEqual([]);
  });
});

describe('a verified token', () => {
  test('is remembered, and answered at once', async () => {
    const verifier = await verifierOf(signer);
    const token = await signer.sign(claimsWith());
    const credential = await verifier.verify(token);
    expect(verifier.verify(token)).toBe(credential);
  });

  test('is not taken for another with the same signature', async () => {
    const verifier = await verifierOf(signer);
    const token = await signer.sign(claimsWith());
    const credential = await verifier.verify(token);
    const [header, , signature] = token.split('.');
    const payload = base64url.encode(JSON.stringify(claimsWith({ roles: ['admin'] })));
    const forged = [header, payload, signature].join('.');
    expect(await outcomeOf(verifier, forged)).toBe("NotAccepted: the token's signature does not fit");
    expect(verifier.verify(token)).toBe(credential);
  });

  test('is worth nothing once it has expired', async () => {
    let now = NOW;
    const verifier = await aVerifier({ jwks: await aFile(keySetOf(signer)) }, { now: () => now });
    const token = await signer.sign(claimsWith());
    const { expiresAt } = await verifier.verify(token);
    now = expiresAt - 1;
    expect(verifier.verify(token)).toMatchObject({ expiresAt });
    now = expiresAt;
    expect(await outcomeOf(verifier, token)).toBe('NotAccepted: the token has expired');
  });

  test('is verified once for all who send it at the same time', async () => {
    const verifier = await verifierOf(signer);
    const token = await signer.sign(claimsWith());
    const [first, second] = [verifier.verify(token), verifier.verify(token)];
    expect(first).toBe(second);
    expect(await first).toBe(verifier.verify(token));
  });

  test('that was refused is verified anew', async () => {
    let now = NOW - 60_000;
    const verifier = await aVerifier({ jwks: await aFile(keySetOf(signer)) }, { now: () => now });
    const token = await signer.sign(claimsWith({ nbf: SECOND }));
    expect(await outcomeOf(verifier, token)).toBe('NotAccepted: the token is not valid yet');
    now = NOW;
    expect(await outcomeOf(verifier, token)).toMatchObject({ principal: { subject: 'anna' } });
  });
});

describe('whatever comes is accepted or refused', () => {
  const REFUSED = /^NotAccepted: the token('s)? /;
  const encoded = fc.json().map((json) => base64url.encode(json));

  test('parts of any content', async () => {
    const verifier = await verifierOf(signer);
    const part = fc.oneof(encoded, fc.string(), fc.constant(base64url.encode('{"alg":"ES256","kid":"one"}')));
    const tokens = fc.tuple(part, part, part).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(tokens, async (token) => {
        expect(await outcomeOf(verifier, token)).toMatch(REFUSED);
      }),
    );
  });

  test('any claims and headers, signed by the issuer', async () => {
    const verifier = await verifierOf(signer);
    const names = fc.constantFrom('iss', 'aud', 'sub', 'exp', 'nbf', 'iat', 'roles', 'coach_hash_id', 'client_hash_id');
    const header = fc.dictionary(fc.constantFrom('typ', 'cty', 'jku', 'x5c', 'kid', 'b64'), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), header, async (claims, header) => {
        const token = await signer.sign({ ...claimsWith(), ...claims }, header);
        const outcome = await outcomeOf(verifier, token);
        if (typeof outcome === 'string') expect(outcome).toMatch(REFUSED);
        else expect(outcome.principal.subject).toMatch(/^[ -~]{1,255}$/);
      }),
    );
  });
});

test('no error has anything of the token', async () => {
  const verifier = await verifierOf(signer);
  const secret = { secret: 'marked-secret', roles: ['marked-secret'] };
  const tokens = await Promise.all([
    signer.sign(claimsWith({ ...secret, exp: 1 })),
    signer.sign(claimsWith({ ...secret, aud: 'marked-secret' })),
    signer.sign(claimsWith({ ...secret, sub: 'marked-secret\n' })),
    signer.sign(claimsWith({ ...secret, coach_hash_id: 'marked secret' })),
    other.sign(claimsWith(secret), { kid: 'marked-secret' }),
    other.sign(claimsWith(secret), { kid: 'one' }),
  ]);
  for (const token of tokens) {
    const error = await (async () => verifier.verify(token))().catch((error: Error) => error);
    const members = Object.getOwnPropertyNames(error).map((name) => Reflect.get(error, name));
    const everything = JSON.stringify([String(error), members]);
    expect(everything).toContain('the token');
    expect(everything).not.toMatch(/marked.secret|eyJ/);
  }
});
