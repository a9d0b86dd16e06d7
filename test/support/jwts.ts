import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, exportJWK, generateKeyPair, type JWK, type JWTPayload } from 'jose';
import pino, { type Logger } from 'pino';
import { onTestFinished } from 'vitest';
import type { Credential, TokenVerifier } from '../../src/authentication/credential.js';
import { createJwtVerifier, type JwtSettings, type JwtTimes } from '../../src/authentication/jwt/jwt-verifier.js';

/** A private key that signs tokens. */
export interface Signer {
  readonly kid: string;
  /** The public key, as a set has it. */
  readonly jwk: JWK;
  /** A token with these claims, and with members of the header besides `alg` and `kid`. */
  sign(claims: unknown, header?: Readonly<Record<string, unknown>>): Promise<string>;
}

/** The time at which the tokens of tests are verified: epoch milliseconds. */
export const NOW = Date.parse('2030-01-01T00:00:00Z');

export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'scheduler';
const CLAIMS = { roles: 'roles', coach: 'coach_hash_id', client: 'client_hash_id' };

/** The claims of a token that is accepted at `NOW`, except those that are given otherwise; undefined: none. */
export function claimsWith(others: JWTPayload = {}): JWTPayload {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: NOW / 1_000 + 300, roles: ['service'], ...others };
}

/** Makes a key. `alg` is the algorithm of its tokens, which the public key names as well. */
export async function createSigner(kid: string, alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    sign: (claims, header) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg, kid, ...header } as { alg: string })
        .sign(privateKey),
  };
}

/** The text of a set of keys. */
export function keySetOf(...keys: readonly (Signer | object)[]): string {
  return JSON.stringify({ keys: keys.map((key) => ('jwk' in key ? key.jwk : key)) });
}

/** A file for one test. */
export async function aFile(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'scheduler-jwks-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'jwks.json');
  await writeFile(path, content);
  return path;
}

/** Times in which nothing happens by itself. */
const STILL: JwtTimes = {
  now: () => NOW,
  look: 3_600_000,
  refresh: 3_600_000,
  retry: 3_600_000,
  cooldown: 3_600_000,
  timeout: 10_000,
};

/** A line of the log. */
export interface Line {
  readonly level: number;
  readonly msg: string;
}

/** A log, and the lines that were written to it. */
export function aLog(): { log: Logger; lines: Line[]; warnings(): string[] } {
  const lines: Line[] = [];
  const log = pino({ base: null, level: 'trace' }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines, warnings: () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg) };
}

/** A verifier for one test, at `NOW`, which does nothing by itself unless the times say so. */
export async function aVerifier(
  settings: Pick<JwtSettings, 'jwks'> & Partial<JwtSettings>,
  times: Partial<JwtTimes> = {},
  { log } = aLog(),
): Promise<TokenVerifier> {
  const verifier = await createJwtVerifier({ issuer: ISSUER, audience: AUDIENCE, claims: CLAIMS, ...settings }, log, {
    ...STILL,
    ...times,
  });
  onTestFinished(verifier.stop);
  return verifier;
}

/** What a verifier says of a token: its credential, or the error as text. */
export async function outcomeOf(verifier: TokenVerifier, token: string): Promise<Credential | string> {
  try {
    return await verifier.verify(token);
  } catch (error) {
    return String(error);
  }
}
