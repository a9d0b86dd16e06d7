import { LRUCache } from 'lru-cache';
import type { CoachState } from '../../domain/coach/coach.js';
import { type Position, type Revision, START } from '../../event-store/event-store.js';
import type { Aggregate } from '../streams/aggregates.js';
import type { RecentRequest } from '../streams/recent-requests.js';

/** A command that was accepted under a `request_id`. */
export interface AcceptedRequest {
  readonly coachHashId: string;
  /** Digest of the command's content. */
  readonly fingerprint: string;
  /** The first event of the command, in the stream of the coach. */
  readonly revision: Revision;
}

/** Finds commands that were accepted long ago, which the coach's state has forgotten. */
export interface RequestIndex {
  /**
   * The accepted commands by the keys of `requestKeyOf`, of all coaches: at least those whose events are at or before
   * `upTo`. Waits until the index has come that far. Throws `ReadModelUnavailable` when it is unavailable or lags too
   * long.
   */
  find(keys: readonly string[], upTo: Position): Promise<ReadonlyMap<string, readonly AcceptedRequest[]>>;
}

/** An accepted command that has the `request_id` and the subject of a new one: of the same coach, or of another. */
export type EarlierRequest = ({ readonly sameCoach: true } & RecentRequest) | { readonly sameCoach: false };

/**
 * Remembers which `request_id` of which subject belongs to which accepted command, for ever. Both together are the key
 * of a command: see `requestKeyOf`.
 *
 * For one coach this is exact: what the coach's state has forgotten is in the index, and the index is asked only once
 * it has come that far. An id that is reused for another coach is noticed when the first command has reached the index
 * or was accepted by this process not long ago; when two processes accept the same id for two coaches at the same
 * moment, neither notices.
 */
export interface RequestLedger {
  /** The accepted commands that have one of these keys. Throws `ReadModelUnavailable`. */
  findEarlier(coach: Aggregate<CoachState>, keys: readonly string[]): Promise<ReadonlyMap<string, EarlierRequest>>;
  /** Notes that a coach accepted a command under the key. */
  note(key: string, coachHashId: string): void;
}

// Bridges the time until the index has a command: seconds of bookings at full speed.
const NOTED_LIMIT = 20_000;

/** A ledger over an index that a projection fills. */
export function createRequestLedger(index: RequestIndex): RequestLedger {
  // `max` would set memory aside for all of them at once.
  const noted = new LRUCache<string, string>({ maxSize: NOTED_LIMIT, sizeCalculation: () => 1 });

  return {
    async findEarlier(coach, keys) {
      const earlier = new Map<string, EarlierRequest>();
      const unknown = new Set<string>();

      const isNotedElsewhere = (key: string) => (noted.get(key) ?? coach.id) !== coach.id;
      const forgetsNothing = coach.recentRequests.forgottenUpTo === START;
      for (const key of keys) {
        const recent = coach.recentRequests.find(key);
        if (recent) earlier.set(key, { sameCoach: true, ...recent });
        else if (forgetsNothing && isNotedElsewhere(key)) earlier.set(key, { sameCoach: false });
        else unknown.add(key);
      }
      if (unknown.size === 0) return earlier;

      const found = await index.find([...unknown], coach.recentRequests.forgottenUpTo);
      for (const key of unknown) {
        const requests = found.get(key) ?? [];
        const own = requests.find(({ coachHashId }) => coachHashId === coach.id);
        if (own) earlier.set(key, { sameCoach: true, fingerprint: own.fingerprint, revision: own.revision });
        else if (requests.length > 0 || isNotedElsewhere(key)) earlier.set(key, { sameCoach: false });
      }
      return earlier;
    },

    note(key, coachHashId) {
      noted.set(key, coachHashId);
    },
  };
}
