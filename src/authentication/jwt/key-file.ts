import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Correctable } from '../../correctable.js';
import { lookAgain } from '../../look-again.js';
import { ALGORITHMS, NotAKeySet } from './jwks.js';
import { createKeySet, type SigningKeys, unknownKey } from './key-set.js';

/**
 * The keys in a file, which is read again when it changes. What is no set of keys is not taken, and the log says so. A
 * set without keys is taken, and lets nobody in. Throws `Correctable` when the file cannot be used at the start.
 * @param interval milliseconds between two looks at the file
 */
export async function openKeyFile(path: string, log: Logger, interval: number): Promise<SigningKeys> {
  const setting = `AUTH_JWKS=${path}`;
  const keySet = createKeySet();
  let content = await read(path, setting);
  if (take(content) === 0) {
    throw new Correctable(`${setting} has no public key for ${ALGORITHMS.join(', ')}. Name a file with one.`);
  }

  function take(json: string): number {
    try {
      return keySet.take(json);
    } catch (error) {
      if (!(error instanceof NotAKeySet)) throw error;
      throw new Correctable(
        `${setting} is not a JSON Web Key Set: it ${error.message}. Name a file such as {"keys":[{"kty":"RSA",…}]}.`,
      );
    }
  }

  async function look(): Promise<void> {
    const found = await read(path, setting);
    if (found === content) return;
    const keys = take(found);
    content = found;
    log[keys === 0 ? 'warn' : 'info']({ keys }, 'tokens are verified with the keys in the new file');
  }

  const stop = lookAgain(look, interval, (problem) =>
    log.warn(`the new file of keys is not taken, and the old keys stay: ${problem}`),
  );
  return {
    keyOf(hint) {
      const key = keySet.find(hint);
      if (!key) throw unknownKey();
      return key;
    },
    stop,
  };
}

async function read(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Correctable(`${setting} cannot be read (${code}). Name a JSON Web Key Set that this user may read.`);
  }
}
