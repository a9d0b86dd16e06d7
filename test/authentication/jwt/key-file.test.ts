import { writeFileSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Correctable } from '../../../src/correctable.js';
import {
  aFile,
  aLog,
  aVerifier,
  claimsWith,
  createSigner,
  keySetOf,
  outcomeOf,
  type Signer,
} from '../../support/jwts.js';

const LOOK = { look: 10 };
let first: Signer;
let second: Signer;

beforeAll(async () => {
  [first, second] = await Promise.all([createSigner('first'), createSigner('second')]);
});

describe('what cannot be used ends the start with a sentence', () => {
  const notASet = 'is not a JSON Web Key Set: it';

  test.each<[string, string, string]>([
    ['a text', 'keys', `${notASet} is not JSON. Name a file such as {"keys":[{"kty":"RSA",…}]}.`],
    ['an empty file', '', `${notASet} is not JSON. `],
    ['half a file', '{"keys":[{"kty":"EC"', `${notASet} is not JSON. `],
    ['a certificate', '-----BEGIN CERTIFICATE-----', `${notASet} is not JSON. `],
    ['a single key', '{"kty":"RSA","n":"AQAB","e":"AQAB"}', `${notASet} has no list of keys. `],
    ['other JSON', 'null', `${notASet} has no list of keys. `],
    ['no keys', '{"keys":[]}', 'has no public key for RS256, RS384, '],
    ['a symmetric key', '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', 'has no public key for RS256, '],
  ])('%s', async (_, content, sentence) => {
    const jwks = await aFile(content);
    const error = await aVerifier({ jwks }).catch((error) => error);
    expect(error).toBeInstanceOf(Correctable);
    expect(error.message).toContain(`AUTH_JWKS=${jwks} ${sentence}`);
    expect(error.message.split('\n')).toHaveLength(1);
  });

  test('no file', async () => {
    const jwks = await aFile('');
    await rm(jwks);
    await expect(aVerifier({ jwks })).rejects.toThrow(
      `AUTH_JWKS=${jwks} cannot be read (ENOENT). Name a JSON Web Key Set that this user may read.`,
    );
  });
});

describe('keys that are not understood are skipped', () => {
  test.each<[string, object]>([
    ['another kind', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AAAA' }],
    ['another curve', { kty: 'EC', crv: 'secp256k1', x: 'AAAA', y: 'AAAA' }],
    ['another curve for Diffie and Hellman', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }],
    ['a point that is not on its curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
    ['without material', { kty: 'RSA' }],
    ['a kid that is no text', { kty: 'RSA', kid: 5 }],
    ['no object', []],
    ['a private key', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA', d: 'AAAA' }],
    ['for encryption', { kty: 'RSA', alg: 'RSA-OAEP', n: 'AQAB', e: 'AQAB' }],
    ['a short RSA key', { kty: 'RSA', n: 'v'.repeat(171), e: 'AQAB' }],
  ])('%s', async (_, key) => {
    const token = await first.sign(claimsWith());
    const verifier = await aVerifier({ jwks: await aFile(keySetOf(key, first, key)) });
    expect(await outcomeOf(verifier, token)).toMatchObject({ principal: { subject: 'anna' } });
    await expect(aVerifier({ jwks: await aFile(keySetOf(key)) })).rejects.toThrow('has no public key for');
  });

  test('a private key of the issuer, whose tokens anybody can make', async () => {
    const leaked = { ...second.jwk, d: 'A'.repeat(43) };
    const verifier = await aVerifier({ jwks: await aFile(keySetOf(first, leaked)) });
    expect(await outcomeOf(verifier, await second.sign(claimsWith()))).toMatch(/key that is not known$/);
  });

  test('a key that is there twice counts once', async () => {
    const verifier = await aVerifier({ jwks: await aFile(keySetOf(first, first)) });
    expect(await outcomeOf(verifier, await first.sign(claimsWith()))).toMatchObject({ isRevoked: false });
  });
});

// Written at once: no two looks at the file find it empty.
describe('a file that changes', () => {
  async function opened(...signers: Signer[]) {
    const jwks = await aFile(keySetOf(...signers));
    const log = aLog();
    return { jwks, ...log, verifier: await aVerifier({ jwks }, LOOK, log) };
  }

  test('brings new keys, and the old ones stay', async () => {
    const { jwks, verifier, lines } = await opened(first);
    const [old, token] = await Promise.all([first.sign(claimsWith()), second.sign(claimsWith())]);
    const before = await verifier.verify(old);
    expect(await outcomeOf(verifier, token)).toMatch(/key that is not known$/);
    writeFileSync(jwks, keySetOf(first, second));
    await expect.poll(() => outcomeOf(verifier, token)).toMatchObject({ isRevoked: false });
    expect(verifier.verify(old)).toBe(before);
    expect(lines).toMatchObject([{ level: 30, keys: 2, msg: 'tokens are verified with the keys in the new file' }]);
  });

  test('ends what a key signed that is there no more', async () => {
    const { jwks, verifier } = await opened(first, second);
    const [gone, stays] = await Promise.all([first.sign(claimsWith()), second.sign(claimsWith())]);
    const [before, other] = [await verifier.verify(gone), await verifier.verify(stays)];
    writeFileSync(jwks, keySetOf(second));
    await expect.poll(() => before.isRevoked).toBe(true);
    expect(await outcomeOf(verifier, gone)).toBe('NotAccepted: the token is signed by a key that is not known');
    expect(other.isRevoked).toBe(false);
  });

  test('ends what a key signed that has become another of the same name', async () => {
    const { jwks, verifier } = await opened(first);
    const token = await first.sign(claimsWith());
    const before = await verifier.verify(token);
    writeFileSync(jwks, keySetOf({ ...second.jwk, kid: first.kid }));
    await expect.poll(() => before.isRevoked).toBe(true);
    expect(await outcomeOf(verifier, token)).toBe("NotAccepted: the token's signature does not fit");
  });

  test('lets nobody in when it has no keys, and a key that comes back is trusted again', async () => {
    const { jwks, verifier, warnings } = await opened(first);
    const token = await first.sign(claimsWith());
    const before = await verifier.verify(token);
    writeFileSync(jwks, keySetOf());
    await expect.poll(() => before.isRevoked).toBe(true);
    expect(warnings()).toEqual(['tokens are verified with the keys in the new file']);
    writeFileSync(jwks, keySetOf(first));
    await expect.poll(() => outcomeOf(verifier, token)).toMatchObject({ isRevoked: false });
    expect(before.isRevoked).toBe(true);
  });

  test('is taken when a symlink is swapped', async () => {
    const { jwks, verifier } = await opened(first);
    const token = await second.sign(claimsWith());
    await rm(jwks);
    await symlink(await aFile(keySetOf(second)), jwks);
    await expect.poll(() => outcomeOf(verifier, token)).toMatchObject({ isRevoked: false });
  });

  test('into none is not taken, and said once', async () => {
    const { jwks, verifier, warnings } = await opened(first);
    const token = await first.sign(claimsWith());
    const before = await verifier.verify(token);
    writeFileSync(jwks, keySetOf(second).slice(0, 40));
    const notASet = `AUTH_JWKS=${jwks} is not a JSON Web Key Set: it is not JSON. Name a file such as `;
    await expect
      .poll(warnings)
      .toEqual([expect.stringContaining(`the new file of keys is not taken, and the old keys stay: ${notASet}`)]);
    // A second problem, after which the first would have been told again if it were.
    await rm(jwks);
    await expect.poll(warnings).toHaveLength(2);
    expect(warnings()[1]).toContain('cannot be read (ENOENT)');
    expect(verifier.verify(token)).toBe(before);
    writeFileSync(jwks, keySetOf(second));
    await expect.poll(() => before.isRevoked).toBe(true);
    expect(warnings()).toHaveLength(2);
  });
});
