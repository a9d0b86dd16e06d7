import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The form of secrets of one kind. */
export interface SecretForm {
  /** A new secret: the prefix, 256 random bits, and a checksum of those. */
  make(): string;
  /** Whether a text has the form of such a secret, checksum included: one that was cut off or mistyped has not. */
  fits(text: string): boolean;
}

const SECRET_BYTES = 32;
const RANDOM_AND_CHECKSUM = /^([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

/** @param prefix what every secret of the kind begins with: people and scanners for leaked secrets know it by that */
export function secretForm(prefix: string): SecretForm {
  return {
    make() {
      const secret = randomBytes(SECRET_BYTES).toString('base64url');
      return prefix + secret + checksumOf(secret);
    },
    fits(text) {
      if (!text.startsWith(prefix)) return false;
      const [, secret, checksum] = RANDOM_AND_CHECKSUM.exec(text.slice(prefix.length)) ?? [];
      return secret !== undefined && checksumOf(secret) === checksum;
    },
  };
}

/**
 * What is kept of a secret. SHA-256 is enough: 256 random bits cannot be guessed, so that neither salt nor a slow
 * digest, as passwords need them, would add anything. `printf %s "$SECRET" | sha256sum` computes it, too.
 */
export function digestOf(secret: string): string {
  return `sha256:${hash('sha256', secret)}`;
}

function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(secret));
  return bytes.toString('base64url');
}
