import { writeFile } from 'node:fs/promises';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { type Caller, type Kind, subjectOf as subjectOfToken } from './callers.js';

export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'scheduler';

const KID = 'the key';
const ALG = 'ES256';

const ACCEPTED: readonly Kind[] = [
  { roles: ['admin'] },
  { roles: ['coach'], coach: 'coach-4' },
  { roles: ['client'], client: 'client-5' },
];

/** Would have every right. */
const FORGER: Kind = { roles: ['service'] };

/** Makes a set of keys at a path, and callers with JSON Web Tokens that its key signed, or somebody else. */
export async function makeJwtCallers(path: string): Promise<readonly Caller[]> {
  const { publicKey, privateKey } = await generateKeyPair(ALG, { extractable: true });
  const other = await generateKeyPair(ALG);
  await writeFile(path, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: ALG }] }));
  const now = Math.floor(Date.now() / 1_000);
  const good = claimsOf(FORGER, now);
  const { exp: _, ...endless } = good;
  const sign = (claims: JWTPayload, key: Parameters<SignJWT['sign']>[0], alg = ALG) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: KID }).sign(key);
  const signed = (others: JWTPayload) => sign({ ...good, ...others }, privateKey);

  const callers: Caller[] = [];
  for (const kind of ACCEPTED) callers.push(callerOf(kind, await sign(claimsOf(kind, now), privateKey), 'accepted'));
  const wrong: readonly [what: string, token: string][] = [
    ['expired', await signed({ exp: now - 3_600 })],
    ['not yet valid', await signed({ nbf: now + 36_000 })],
    ['of another issuer', await signed({ iss: 'https://other.example.com' })],
    ['for another audience', await signed({ aud: 'other' })],
    ['without an end', await sign(endless, privateKey)],
    ['of another key', await sign(good, other.privateKey)],
    ['signed by nobody', new UnsecuredJWT(good).encode()],
    ['with the public key as a secret', await sign(good, Buffer.from(await exportSPKI(publicKey)), 'HS256')],
  ];
  return [...callers, ...wrong.map(([what, token]) => callerOf(FORGER, token, what))];
}

const subjectOf = (kind: Kind) => `${subjectOfToken(kind)} by JWT`;

function claimsOf(kind: Kind, now: number): JWTPayload {
  const { roles, coach, client } = kind;
  const ids = { coach_hash_id: coach, client_hash_id: client };
  return { iss: ISSUER, aud: AUDIENCE, sub: subjectOf(kind), roles, exp: now + 43_200, ...ids };
}

function callerOf({ roles, ...ids }: Kind, token: string, state: string): Caller {
  const isAccepted = state === 'accepted';
  const name = `${roles.join(' and ')} by JWT, ${state}`;
  return { name, token, isAccepted, subject: subjectOf({ roles, ...ids }), roles: new Set(roles), ...ids };
}
