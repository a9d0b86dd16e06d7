import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A public key of a JSON Web Key Set, and what it is good for. */
export interface SigningKey {
  readonly kid: string | undefined;
  /** The algorithms of the tokens that it may verify, each of `ALGORITHMS`. */
  readonly algorithms: readonly string[];
  readonly publicKey: KeyObject;
  /** False once the key was taken from the set: what it signed is worth nothing. */
  isCurrent: boolean;
}

/** A key as a set has it, before it is imported. */
export interface ListedKey {
  /** The same for two keys only if they have the same name, the same algorithm and the same material. */
  readonly identity: string;
  /** Undefined when its material is not that of a key, or too weak. */
  import(): SigningKey | undefined;
}

/** A text is not a JSON Web Key Set; the message goes on from the name of its place: `is not JSON`. */
export class NotAKeySet extends Error {
  override readonly name = 'NotAKeySet';
}

const ALGORITHMS_OF: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'EC P-256': ['ES256'],
  'EC P-384': ['ES384'],
  'EC P-521': ['ES512'],
  // The second is the name that RFC 9864 gives to the same.
  'OKP Ed25519': ['EdDSA', 'Ed25519'],
};

/** The algorithms of tokens that are accepted. None of them has a secret that verifies and signs alike. */
export const ALGORITHMS: readonly string[] = Object.values(ALGORITHMS_OF).flat();

/** RFC 7518 has no use for shorter RSA keys. */
const MIN_RSA_BITS = 2_048;

const text = z.string();
const keySet = z.object({ keys: z.array(z.unknown()) });
const publicJwk = z.object({
  kty: text,
  kid: text.optional(),
  alg: text.optional(),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(text)
    .refine((operations) => operations.includes('verify'))
    .optional(),
  crv: text.optional(),
  x: text.optional(),
  y: text.optional(),
  n: text.optional(),
  e: text.optional(),
  // Whoever publishes a private key has lost it.
  d: z.never().optional(),
});

/** The keys of a JSON Web Key Set that can verify tokens; the others are skipped. Throws `NotAKeySet`. */
export function readKeySet(json: string): readonly ListedKey[] {
  return listIn(json).flatMap((listed) => {
    const { success, data } = publicJwk.safeParse(listed);
    if (!success) return [];
    const { kty, kid, alg, crv, x, y, n, e } = data;
    const algorithms = algorithmsOf(data);
    if (algorithms.length === 0) return [];
    const importKey = () => {
      const publicKey = importPublicKey({ kty, crv, x, y, n, e });
      return publicKey && { kid, algorithms, publicKey, isCurrent: true };
    };
    return [{ identity: JSON.stringify([kid, alg, kty, crv, x, y, n, e]), import: importKey }];
  });
}

function listIn(json: string): readonly unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new NotAKeySet('is not JSON');
  }
  const { success, data } = keySet.safeParse(parsed);
  if (!success) throw new NotAKeySet('has no list of keys');
  return data.keys;
}

function algorithmsOf({ kty, crv, alg }: z.output<typeof publicJwk>): readonly string[] {
  const possible = ALGORITHMS_OF[kty === 'RSA' ? kty : `${kty} ${crv}`] ?? [];
  return alg === undefined ? possible : possible.filter((one) => one === alg);
}

function importPublicKey(material: Readonly<Record<string, string | undefined>>): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: material, format: 'jwk' });
    return (key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS) >= MIN_RSA_BITS ? key : undefined;
  } catch {
    return undefined;
  }
}
