import type { AcceptedRequest, RequestIndex } from '../../src/application/coach/requests.js';
import type { Truth, WrittenEvent } from './truth.js';

/**
 * An index of requests that knows of all that was written, or of nothing yet: without snapshots no coach of a run
 * forgets a request.
 */
export function createRequests(truth: Truth, isFresh: boolean): RequestIndex {
  return {
    async find(keys) {
      const found = new Map<string, AcceptedRequest[]>();
      for (const key of isFresh ? keys : []) found.set(key, acceptedUnder(key, truth));
      return found;
    },
  };
}

/** The first event under the key, in each stream of a coach. */
function acceptedUnder(key: string, { streams }: Truth): AcceptedRequest[] {
  return [...streams].flatMap(([stream, events]) => {
    const revision = events.findIndex((event) => keyOf(event) === key);
    if (revision === -1) return [];
    const fingerprint = events[revision]!.metadata['requestFingerprint'] as string;
    return [{ coachHashId: stream.slice('coach-'.length), fingerprint, revision: BigInt(revision) }];
  });
}

function keyOf({ metadata: { requestId, subject } }: WrittenEvent): string | undefined {
  return subject === undefined ? (requestId as string | undefined) : `${requestId} ${subject}`;
}
