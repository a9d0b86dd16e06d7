import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every token begins with: people and scanners for leaked secrets know it by that, and no JWT begins so. */
export const PREFIX = 'scheduler_';

const SECRET_BYTES = 32;
const FORM = /^scheduler_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

/** A new token: the prefix, 256 random bits, and a checksum of those. */
export function newToken(): string {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return PREFIX + secret + checksumOf(secret);
}

/** Whether a text has the form of a token, checksum included: one that was cut off or mistyped has not. */
export function isToken(text: string): boolean {
  const [, secret, checksum] = FORM.exec(text) ?? [];
  return secret !== undefined && checksumOf(secret) === checksum;
}

/**
 * What is kept of a token. SHA-256 is enough: 256 random bits cannot be guessed, so that neither salt nor a slow
 * digest, as passwords need them, would add anything. `printf %s "$TOKEN" | sha256sum` computes it, too.
 */
export function digestOf(token: string): string {
  return `sha256:${hash('sha256', token)}`;
}

function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString('base64url');
}
