import { LRUCache } from 'lru-cache';
import type { Credential } from '../credential.js';

/** The tokens that were verified: as many as fit, those that were used last. */
export interface TokenMemory {
  get(token: string): Credential | undefined;
  add(token: string, credential: Credential): void;
}

/** How many characters the tokens may have together, and what is counted besides for each. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
const OVERHEAD = 512;

/** So many characters of a signature are never the same in two tokens. */
const TAIL = 43;

/**
 * An empty memory. It finds tokens by the end of their signatures, and compares the rest: each call brings a new text, and
 * to hash all of it takes five times as long.
 */
export function createMemory(maxCharacters = MAX_CHARACTERS): TokenMemory {
  const byTail = new LRUCache<string, { readonly token: string; readonly credential: Credential }>({
    maxSize: maxCharacters,
    sizeCalculation: ({ token }) => token.length + OVERHEAD,
  });

  return {
    get(token) {
      const found = byTail.get(token.slice(-TAIL));
      return found?.token === token ? found.credential : undefined;
    },
    add(token, credential) {
      byTail.set(token.slice(-TAIL), { token, credential });
    },
  };
}
