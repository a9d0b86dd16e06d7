import type { AcceptedRequest, RequestIndex } from '../../src/application/coach/requests.js';
import type { Truth } from './truth.js';

/**
 * An index of requests that knows of all that was written, or of nothing yet: without snapshots no coach of a run
 * forgets a request.
 */
export function createRequests(truth: Truth, isFresh: boolean): RequestIndex {
  return {
    async find(requestIds) {
      const found = new Map<string, AcceptedRequest[]>();
      for (const requestId of isFresh ? requestIds : []) found.set(requestId, acceptedUnder(requestId, truth));
      return found;
    },
  };
}

/** The first event under the id, in each stream of a coach. */
function acceptedUnder(requestId: string, { streams }: Truth): AcceptedRequest[] {
  return [...streams].flatMap(([stream, events]) => {
    const revision = events.findIndex(({ metadata }) => metadata['requestId'] === requestId);
    if (revision === -1) return [];
    const fingerprint = events[revision]!.metadata['requestFingerprint'] as string;
    return [{ coachHashId: stream.slice('coach-'.length), fingerprint, revision: BigInt(revision) }];
  });
}
