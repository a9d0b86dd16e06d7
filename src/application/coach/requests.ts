import { LRUCache } from 'lru-cache';
import { START } from '../../event-store/event-store.js';
import type { Coach } from './coaches.js';
import type { RecentRequest } from '../streams/recent-requests.js';
import type { RequestIndex } from './requests.js';
import type { Submission } from '../submission.js';

/** An accepted command that has the `request_id` of a new one: of the same coach, or of another. */
export type EarlierRequest = ({ readonly sameCoach: true } & RecentRequest) | { readonly sameCoach: false };

/**
 * Remembers which `request_id` belongs to which accepted command, for ever.
 *
 * For one coach this is exact: what the coach's state has forgotten is in the index, and the index is asked only once
 * it has come that far. An id reused for another coach is found when that coach's command has reached the index or was
 * accepted by this process not long ago; two processes that accept the same id for two coaches at the same moment are
 * not found out.
 */
export interface RequestLedger {
  /** The accepted commands that have a `request_id` of the submissions. Throws `ReadModelUnavailable`. */
  findEarlier(coach: Coach, submissions: readonly Submission[]): Promise<ReadonlyMap<string, EarlierRequest>>;
  /** Notes that a coach accepted a command under the id. */
  note(requestId: string, coachHashId: string): void;
}

// Bridges the time until the index has a command: seconds of bookings at full speed.
const NOTED_LIMIT = 20_000;

/** A ledger over an index that the projections fill. */
export function createRequestLedger(index: RequestIndex): RequestLedger {
  // `max` would set memory aside for all of them at once.
  const noted = new LRUCache<string, string>({ maxSize: NOTED_LIMIT, sizeCalculation: () => 1 });

  return {
    async findEarlier(coach, submissions) {
      const earlier = new Map<string, EarlierRequest>();
      const unknown = new Set<string>();

      const isNotedElsewhere = (requestId: string) => (noted.get(requestId) ?? coach.id) !== coach.id;
      const forgetsNothing = coach.recentRequests.forgottenUpTo === START;
      for (const { requestId } of submissions.map(({ metadata }) => metadata)) {
        if (!requestId) continue;
        const recent = coach.recentRequests.find(requestId);
        if (recent) earlier.set(requestId, { sameCoach: true, ...recent });
        else if (forgetsNothing && isNotedElsewhere(requestId)) earlier.set(requestId, { sameCoach: false });
        else unknown.add(requestId);
      }
      if (unknown.size === 0) return earlier;

      const found = await index.find([...unknown], coach.recentRequests.forgottenUpTo);
      for (const requestId of unknown) {
        const requests = found.get(requestId) ?? [];
        const own = requests.find(({ coachHashId }) => coachHashId === coach.id);
        if (own) earlier.set(requestId, { sameCoach: true, fingerprint: own.fingerprint, revision: own.revision });
        else if (requests.length > 0 || isNotedElsewhere(requestId)) earlier.set(requestId, { sameCoach: false });
      }
      return earlier;
    },

    note(requestId, coachHashId) {
      noted.set(requestId, coachHashId);
    },
  };
}
