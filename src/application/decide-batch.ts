import { type CoachEvent, decide, evolve, type Rejection } from '../domain/coach.js';
import type { Revision } from '../event-store/event-store.js';
import type { Coach, CoachFact } from './coach-states.js';
import type { EarlierRequest } from './request-ledger.js';
import type { Submission } from './submission.js';

/** What is to become of one command of a batch, once the batch's facts are durable. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly events: readonly CoachEvent[] }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** Accepted before this batch, under the same `request_id` and content: its events begin at this revision. */
  | { readonly kind: 'repeated'; readonly revision: Revision }
  | { readonly kind: 'request-id-reused' };

/** The verdicts on a batch, one for each submission in their order, and the facts that make them true. */
export interface BatchDecision {
  readonly verdicts: readonly Verdict[];
  /** To append together at the coach's revision. */
  readonly facts: readonly CoachFact[];
}

/**
 * Decides commands one after the other, each against the coach as the ones before it leave it. Pure: the coach stays as
 * it is.
 * @param earlier accepted commands that have a `request_id` of the submissions
 */
export function decideBatch(
  coach: Coach,
  submissions: readonly Submission[],
  earlier: ReadonlyMap<string, EarlierRequest>,
): BatchDecision {
  let { state } = coach;
  const facts: CoachFact[] = [];
  const acceptedHere = new Map<string, { fingerprint: string; verdict: Verdict }>();

  const verdicts = submissions.map(({ command, metadata }): Verdict => {
    const { requestId, requestFingerprint: fingerprint } = metadata;

    const before = earlier.get(requestId);
    if (before) {
      const same = before.sameCoach && before.fingerprint === fingerprint;
      return same ? { kind: 'repeated', revision: before.revision } : { kind: 'request-id-reused' };
    }
    const justNow = acceptedHere.get(requestId);
    if (justNow) return justNow.fingerprint === fingerprint ? justNow.verdict : { kind: 'request-id-reused' };

    const verdict = decide(command, state);
    if (verdict.kind === 'rejected') return verdict;

    state = verdict.events.reduce(evolve, state);
    facts.push(...verdict.events.map((event) => ({ event, metadata })));
    if (requestId) acceptedHere.set(requestId, { fingerprint, verdict });
    return verdict;
  });

  return { verdicts, facts };
}
