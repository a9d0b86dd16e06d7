import { NotAccepted } from '../credential.js';
import { readKeySet, type SigningKey } from './jwks.js';

/** What a token's header says of the key that signed it. */
export interface KeyHint {
  readonly alg: string;
  readonly kid: string | undefined;
}

/** The keys that verify tokens, wherever they come from. */
export interface SigningKeys {
  /**
   * The key that signed a token, by what its header says. Rejects with `NotAccepted` when there is none, with
   * `CannotVerify` when it cannot be known now.
   */
  keyOf(hint: KeyHint): SigningKey | Promise<SigningKey>;
  /** Follows the file or the URL no more. */
  stop(): void;
}

/** A JSON Web Key Set that is replaced now and then. */
export interface KeySet {
  /** Replaces the keys, and returns how many there are. Throws `NotAKeySet`; the keys stay as they are then. */
  take(json: string): number;
  /** The one key that fits. Throws `NotAccepted` when several do. */
  find(hint: KeyHint): SigningKey | undefined;
}

/** A set without keys. A key that stays when they are replaced stays the same object; one that goes is not current. */
export function createKeySet(): KeySet {
  let keys: ReadonlyMap<string, SigningKey> = new Map();

  return {
    take(json) {
      const taken = new Map<string, SigningKey>();
      for (const listed of readKeySet(json)) {
        const key = keys.get(listed.identity) ?? listed.import();
        if (key) taken.set(listed.identity, key);
      }
      for (const [identity, key] of keys) {
        if (!taken.has(identity)) key.isCurrent = false;
      }
      keys = taken;
      return taken.size;
    },
    find({ alg, kid }) {
      const fitting = [...keys.values()].filter(
        (key) => key.algorithms.includes(alg) && (kid === undefined || key.kid === kid),
      );
      if (fitting.length > 1) throw new NotAccepted('the token does not say which of several keys signed it');
      return fitting[0];
    },
  };
}

/** Why a token is refused whose key is not in the set. */
export function unknownKey(): NotAccepted {
  return new NotAccepted('the token is signed by a key that is not known');
}
