import { type CoachState, evolveCoach } from '../../domain/coach/coach.js';
import { decideCoach } from '../../domain/coach/decide.js';
import type { Decision, Rejection } from '../../domain/coach/decision.js';
import type { CoachEvent } from '../../domain/coach/events.js';
import { NotLoaded, type SortedList } from '../../domain/sorted-list.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';
import type { Revision } from '../../event-store/event-store.js';
import { requestKeyOf } from '../../event-store/request-key.js';
import type { Refusal } from '../client/reserve.js';
import type { Decided, Fact } from '../streams/aggregates.js';
import {
  type Accepted,
  type Attempt,
  acceptedUnwritten,
  type ClientInDoubt,
  type Rejected,
  type Submission,
} from '../submission.js';
import type { EarlierRequest } from './requests.js';

/** The verdict on one command of a batch. It comes true when the batch's facts are durable. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly events: readonly CoachEvent[];
      /** The revision of the first event; the others follow. */
      readonly revision: number;
    }
  /** As accepted, for a command that is only validated: its events are not among the facts. */
  | { readonly kind: 'valid'; readonly events: readonly CoachEvent[] }
  | {
      readonly kind: 'rejected';
      readonly rejection: Rejection;
      /** The events of the part that could be done. */
      readonly free?: readonly CoachEvent[];
    }
  /** Accepted before this batch, under the same `request_id` and content: its events begin at this revision. */
  | { readonly kind: 'repeated'; readonly revision: Revision }
  | { readonly kind: 'request-id-reused' }
  | ClientInDoubt
  | Exclude<Refusal, { kind: 'in-doubt' }>;

/** The verdicts on a batch, one for each attempt in their order, and the facts that make them true. */
export interface BatchDecision extends Decided<CoachState, CoachEvent> {
  readonly verdicts: readonly Verdict[];
}

/**
 * Decides commands one after the other, each against the state that the ones before it leave. Pure. Throws `NotLoaded`
 * with all parts of the state that they miss.
 * @param earlier accepted commands that have the `request_id` and subject of an attempt, by their keys
 * @param refusals attempts that cannot have their client's time: they lead to no events
 * @param zoneRules by which the coach's hours become instants
 */
export function decideBatch(
  before: CoachState,
  attempts: readonly Attempt[],
  earlier: ReadonlyMap<string, EarlierRequest>,
  refusals: ReadonlyMap<Submission, Refusal>,
  zoneRules: ZoneRules,
): BatchDecision {
  let state = before;
  const facts: Fact<CoachEvent>[] = [];
  const acceptedHere = new Map<string, { fingerprint: string; verdict: Verdict }>();
  const absent: SortedList<unknown>[] = [];

  function decide(attempt: Attempt): Verdict {
    const { command, metadata, validateOnly, clientConflicts } = attempt;
    const { requestFingerprint: fingerprint } = metadata;
    const key = requestKeyOf(metadata);

    const known = earlier.get(key);
    if (known) {
      const isSame = known.sameCoach && known.fingerprint === fingerprint;
      return isSame ? { kind: 'repeated', revision: known.revision } : { kind: 'request-id-reused' };
    }
    const justNow = acceptedHere.get(key);
    if (justNow) return justNow.fingerprint === fingerprint ? justNow.verdict : { kind: 'request-id-reused' };

    const decision = decideCoach(command, state, zoneRules, clientConflicts);
    const refusal = refusals.get(attempt);
    if (refusal && (decision.kind === 'accepted' || decision.free)) return refusedBy(refusal, decision);
    if (decision.kind === 'rejected') {
      return decision.rejection.reason === 'RESERVATION_ABANDONED' ? { kind: 'outdated' } : decision;
    }
    if (validateOnly) return { kind: 'valid', events: decision.events };

    const verdict = { ...decision, revision: state.revision + 1 };
    for (const event of verdict.events) {
      state = evolveCoach(state, event);
      facts.push({ event, metadata });
    }
    if (key) acceptedHere.set(key, { fingerprint, verdict });
    return verdict;
  }

  const verdicts = attempts.map((attempt) => {
    try {
      return decide(attempt);
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error;
      absent.push(...error.parts);
      return NO_VERDICT;
    }
  });
  if (absent.length > 0) throw new NotLoaded(absent);
  return { verdicts, facts, state, isFinal: verdicts.every(isFinal) };
}

// In the place of a verdict that could not be reached: the batch is decided again.
const NO_VERDICT: Verdict = { kind: 'outdated' };

/** A verdict of its own for each command, though several commands may be refused for the same reason. */
function refusedBy(refusal: Refusal, decision: Decision): Verdict {
  return refusal.kind === 'in-doubt' ? { ...refusal, ifFree: withoutWriting(decision) } : { ...refusal };
}

function withoutWriting(decision: Decision): Accepted | Rejected {
  if (decision.kind === 'rejected') return { kind: 'rejected', rejection: decision.rejection };
  return acceptedUnwritten(decision.events);
}

/** Whether a verdict holds whatever other processes have appended: they may have freed the time, or taken it. */
function isFinal({ kind }: Verdict): boolean {
  switch (kind) {
    case 'rejected':
    case 'request-id-reused':
    case 'valid':
    case 'in-doubt':
      return false;
    default:
      return true;
  }
}
