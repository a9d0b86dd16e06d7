import type { Blocked, Reservation } from '../../domain/client/client.js';
import { decideCoach } from '../../domain/coach/decide.js';
import type { Rejection } from '../../domain/coach/decision.js';
import type { CoachEvent } from '../../domain/coach/events.js';
import { evolveCoach } from '../../domain/coach/coach.js';
import type { Revision } from '../../event-store/event-store.js';
import type { Coach, CoachFact } from './coaches.js';
import type { EarlierRequest } from './requests.js';
import type { Submission } from '../submission.js';

/** What is to become of one command of a batch, once the batch's facts are durable. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly events: readonly CoachEvent[];
      /** Where the first of the events goes; the others follow. */
      readonly revision: number;
    }
  /** As accepted, for a command that is only to be validated: its events are not among the facts. */
  | { readonly kind: 'valid'; readonly events: readonly CoachEvent[] }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      /** What would be done if only a part were asked for. */
      readonly free?: readonly CoachEvent[];
    }
  /** Accepted before this batch, under the same `request_id` and content: its events begin at this revision. */
  | { readonly kind: 'repeated'; readonly revision: Revision }
  | { readonly kind: 'request-id-reused' }
  | ClientRefusal;

/** Why a command cannot be carried out although its coach is free. */
export type ClientRefusal =
  | { readonly kind: 'blocked'; readonly blocked: readonly Blocked[] }
  | { readonly kind: 'quota'; readonly clientHashId: string; readonly holds: readonly Reservation[] }
  | { readonly kind: 'contended' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'failed'; readonly error: unknown };

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
 * @param refusals submissions that cannot have their client's time: they lead to no events
 */
export function decideBatch(
  coach: Coach,
  submissions: readonly Submission[],
  earlier: ReadonlyMap<string, EarlierRequest>,
  refusals: ReadonlyMap<Submission, ClientRefusal>,
): BatchDecision {
  let { state } = coach;
  const facts: CoachFact[] = [];
  const acceptedHere = new Map<string, { fingerprint: string; verdict: Verdict }>();

  const verdicts = submissions.map((submission): Verdict => {
    const { command, metadata, validateOnly } = submission;
    const { requestId, requestFingerprint: fingerprint } = metadata;

    const before = earlier.get(requestId);
    if (before) {
      const same = before.sameCoach && before.fingerprint === fingerprint;
      return same ? { kind: 'repeated', revision: before.revision } : { kind: 'request-id-reused' };
    }
    const justNow = acceptedHere.get(requestId);
    if (justNow) return justNow.fingerprint === fingerprint ? justNow.verdict : { kind: 'request-id-reused' };

    const decision = decideCoach(command, state);
    const refusal = refusals.get(submission);
    if (refusal && (decision.kind === 'accepted' || decision.free)) return refusal;
    if (decision.kind === 'rejected') return decision;
    if (validateOnly) return { kind: 'valid', events: decision.events };

    const verdict = { ...decision, revision: state.revision + 1 };
    state = verdict.events.reduce(evolveCoach, state);
    facts.push(...verdict.events.map((event) => ({ event, metadata })));
    if (requestId) acceptedHere.set(requestId, { fingerprint, verdict });
    return verdict;
  });

  return { verdicts, facts };
}
