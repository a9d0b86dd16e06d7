import type { Offering } from '../../domain/availability/offering.js';
import { type CoachState, coachStream, evolveCoach, initialCoach } from '../../domain/coach/coach.js';
import type { CoachEvent } from '../../domain/coach/events.js';
import { MAX_OCCURRENCES } from '../../domain/recurrence/rule.js';
import { sizeInMemory } from '../../domain/sorted-list.js';
import type { ZoneRules } from '../../domain/zones/zone-rules.js';
import { coachEvents, decodeMetadata } from '../../event-store/event-codec.js';
import type { EventStore, Position, Revision } from '../../event-store/event-store.js';
import { requestKeyOf } from '../../event-store/request-key.js';
import type { Cancellation } from '../../waiting.js';
import type { BatchReservations, ClientRule, Need } from '../client/reserve.js';
import type { AggregateKind, Aggregates } from '../streams/aggregates.js';
import { createInbox } from '../streams/inbox.js';
import { type Accepted, type Attempt, type AttemptOutcome, acceptedUnwritten } from '../submission.js';
import { type BatchDecision, decideBatch, type Verdict } from './decide-batch.js';
import { isLook, type Look, type LookAtCoach, type Seen, seeAll } from './look.js';
import type { EarlierRequest, RequestLedger } from './requests.js';

// Rough sizes of V8 objects on a 64-bit machine, with their strings and their places in lists.
const SESSION_BYTES = 500;
const HOLD_BYTES = 400;
const ENTRY_BYTES = 100;
const HOURS_BYTES = 300;
const TIME_OFF_BYTES = 400;

/** Coaches, from the events in their streams. */
export const coachKind: AggregateKind<CoachState, CoachEvent> = {
  streamOf: coachStream,
  events: coachEvents,
  initial: initialCoach,
  evolve: evolveCoach,
  bytesOf: ({ sessions, holds, calendar, offering }) =>
    SESSION_BYTES * sizeInMemory(sessions) +
    HOLD_BYTES * sizeInMemory(holds) +
    ENTRY_BYTES * sizeInMemory(calendar) +
    bytesOfOffering(offering),
};

function bytesOfOffering({ availability, timeOff }: Offering): number {
  if (!availability && timeOff.size === 0) return 0;
  const { weekly = [], dates = [] } = availability ?? {};
  const hours = dates.reduce((sum, date) => sum + 1 + date.hours.length, weekly.length);
  return HOURS_BYTES * hours + TIME_OFF_BYTES * sizeInMemory(timeOff);
}

/** Takes commands for coaches. */
export interface CoachInbox {
  /**
   * Decides a command and makes its events durable. One batch at a time for each coach, many coaches at once: commands
   * that arrive while a coach's append is under way gather, are decided against one state and are appended together.
   * The time of clients is reserved first, and what is free afterwards is released before the answer.
   *
   * Throws `Overloaded`, `StoreUnavailable` (then the events may have been written, or yet be), `ReadModelUnavailable`
   * (only with a `request_id`; nothing was written), or the reason of the cancellation.
   */
  submit(attempt: Attempt): Promise<AttemptOutcome>;
  readonly look: LookAtCoach;
}

/** What the inbox needs. */
export interface CoachInboxParts {
  /** For the first answers to repeated requests. */
  readonly store: EventStore;
  readonly coaches: Aggregates<CoachState, CoachEvent>;
  readonly rule: ClientRule;
  readonly ledger: RequestLedger;
  readonly zoneRules: ZoneRules;
  /** How many commands may wait, of all coaches together. Default 10,000. */
  readonly maxWaiting?: number;
}

/** An inbox over the coaches. */
export function createCoachInbox(parts: CoachInboxParts): CoachInbox {
  const { store, coaches, rule, ledger, zoneRules, maxWaiting = 10_000 } = parts;

  function handle(coachHashId: string, items: readonly (Attempt | Look)[]): Promise<(Answer | Seen)[]> {
    return items.some(isLook) ? seeAndDecide(coachHashId, items) : decideAll(coachHashId, items as readonly Attempt[]);
  }

  /** Looks first: nothing may come between an outcome that fails and those who wait for it. */
  async function seeAndDecide(coachHashId: string, items: readonly (Attempt | Look)[]): Promise<(Answer | Seen)[]> {
    const attempts = items.filter((item): item is Attempt => !isLook(item));
    const seen = (await seeAll(coaches, coachHashId, items.filter(isLook))).values();
    const answers = attempts.length > 0 ? (await decideAll(coachHashId, attempts)).values() : [].values();
    return items.map((item) => (isLook(item) ? seen : answers).next().value as Answer | Seen);
  }

  async function decideAll(coachHashId: string, attempts: readonly Attempt[]): Promise<Answer[]> {
    const batch: Batch = { coachHashId, attempts, reservations: rule.openBatch(), zoneRules };
    const requestKeys = attempts.map(({ metadata }) => requestKeyOf(metadata)).filter((key) => key !== '');

    const done = await coaches.transact(coachHashId, (coach) => {
      const decide = (earlier: EarlierRequests) => decideWithClients(batch, coach.state, earlier);
      return requestKeys.length === 0 ? decide(NO_REQUESTS) : ledger.findEarlier(coach, requestKeys).then(decide);
    });

    if (done.kind === 'contended') return answers(batch, attempts.map(contended));
    for (const { metadata } of done.decision.facts) {
      if (metadata.requestId) ledger.note(requestKeyOf(metadata), coachHashId);
    }
    const { verdicts, state } = done.decision;
    return answers(batch, verdicts, { position: done.position, lastRevision: state.revision });
  }

  /** The outcomes, each once its client's time is released. */
  function answers(batch: Batch, verdicts: readonly Verdict[], appended: Appended = NOTHING_APPENDED): Answer[] {
    const { coachHashId, attempts, reservations } = batch;
    // A command that was sent more than once has one verdict, and its time is released once.
    const released = new Map<Verdict, Promise<void> | undefined>();
    return verdicts.map((verdict, index) => {
      const attempt = attempts[index] as Attempt;
      if (!released.has(verdict)) {
        const events = verdict.kind === 'accepted' ? verdict.events : [];
        released.set(verdict, reservations.release(attempt, events));
      }
      const isRepeatable = attempt.metadata.requestId !== '';
      const answer = () => outcomeOf(verdict, coachHashId, appended, isRepeatable);
      return released.get(verdict)?.then(answer) ?? answer();
    });
  }

  function outcomeOf(verdict: Verdict, coachHashId: string, appended: Appended, isRepeatable: boolean): Answer {
    switch (verdict.kind) {
      case 'rejected':
        return { kind: 'rejected', rejection: verdict.rejection };
      case 'request-id-reused':
      case 'in-doubt':
      case 'outdated':
      case 'contended':
        return verdict;
      case 'failed':
        return Promise.reject(verdict.error);
      case 'repeated':
        return firstAnswer(coachHashId, verdict.revision);
      case 'valid':
        return acceptedUnwritten(verdict.events);
      case 'accepted':
        if (verdict.events.length === 0) return acceptedUnwritten(verdict.events);
        return isRepeatable ? repeatable(verdict, coachHashId, appended) : { ...verdict, position: appended.position };
      default:
        return verdict satisfies never;
    }
  }

  /**
   * The acceptance of a command that may be sent again: the same answer then. The position is that of its own last event.
   * The store reports the position of an append's last event only; for the others it is read, one read for each command.
   */
  function repeatable(verdict: AcceptedVerdict, coachHashId: string, appended: Appended): Answer {
    const accepted = { ...verdict, position: appended.position };
    if (verdict.revision + verdict.events.length - 1 === appended.lastRevision) return accepted;
    // The command is accepted, whether its events can be read now or not.
    return firstAnswer(coachHashId, BigInt(verdict.revision)).catch(() => accepted);
  }

  /** What was answered to the command whose events begin at the revision. */
  async function firstAnswer(coachHashId: string, revision: Revision): Promise<Accepted> {
    let key: string | undefined;
    const events: CoachEvent[] = [];
    let position: Position | undefined;

    reading: for await (const page of store.read(coachStream(coachHashId), revision)) {
      for (const recorded of page) {
        const metadata = decodeMetadata(recorded);
        key ??= requestKeyOf(metadata);
        if (requestKeyOf(metadata) !== key) break reading;
        events.push(coachEvents.decode(recorded));
        position = recorded.position;
      }
    }
    if (position === undefined) throw new Error(`${coachStream(coachHashId)} has no revision ${revision}`);
    return { kind: 'accepted', events, revision: Number(revision), position };
  }

  const inbox = createInbox<Attempt | Look, AttemptOutcome | Seen>({ handle, weightOf, maxWaiting });
  return {
    submit: (attempt) => inbox.submit(attempt.command.coachHashId, attempt) as Promise<AttemptOutcome>,
    async look<Result>(coachHashId: string, see: (state: CoachState) => Result, cancellation: Cancellation) {
      const { result } = (await inbox.submit(coachHashId, { see, cancellation })) as Seen;
      return result as Result;
    },
  };
}

/** Commands of a coach that are decided together. */
interface Batch {
  readonly coachHashId: string;
  readonly attempts: readonly Attempt[];
  /** The time of clients that the batch has reserved. */
  readonly reservations: BatchReservations;
  readonly zoneRules: ZoneRules;
}

type Answer = AttemptOutcome | Promise<AttemptOutcome>;

type AcceptedVerdict = Extract<Verdict, { kind: 'accepted' }>;

/** What became of the facts of a batch. */
interface Appended {
  /** The position of the last one; undefined when there was none. */
  readonly position: Position | undefined;
  /** The revision of the coach after the batch. */
  readonly lastRevision: number;
}

const NOTHING_APPENDED: Appended = { position: undefined, lastRevision: -1 };

type EarlierRequests = ReadonlyMap<string, EarlierRequest>;

const NO_REQUESTS: EarlierRequests = new Map();

/**
 * Decides a batch, and reserves what its commands need of clients' time. Each round but the last refuses at least one
 * command more, which makes room for others of the batch. Without time to reserve there is no promise: most of a
 * crowd is refused this way.
 */
function decideWithClients(
  batch: Batch,
  state: CoachState,
  earlier: EarlierRequests,
  round = 0,
): BatchDecision | Promise<BatchDecision> {
  const { attempts, reservations, zoneRules } = batch;
  if (round > attempts.length) throw new Error('a batch was refused more often than it has commands');
  const decision = decideBatch(state, attempts, earlier, reservations.refusals, zoneRules);
  const needs = needsOf(attempts, decision.verdicts);
  const reserved = needs.size === 0 || reservations.reserve(needs);
  const decideAgain = () => decideWithClients(batch, state, earlier, round + 1);
  if (reserved instanceof Promise) return reserved.then((all) => (all ? decision : decideAgain()));
  return reserved ? decision : decideAgain();
}

/** A verdict of its own for each attempt: each has its own time to release. */
function contended(): Verdict {
  return { kind: 'contended' };
}

/** What the verdicts need of clients' time. A command that was sent more than once needs it once. */
function needsOf(attempts: readonly Attempt[], verdicts: readonly Verdict[]): ReadonlyMap<Attempt, Need> {
  const needs = new Map<Attempt, Need>();
  const counted = new Set<Verdict>();
  for (const [index, verdict] of verdicts.entries()) {
    if (counted.has(verdict)) continue;
    counted.add(verdict);
    const events = eventsOf(verdict);
    if (events.length > 0) needs.set(attempts[index] as Attempt, { events, write: verdict.kind === 'accepted' });
  }
  return needs;
}

function eventsOf(verdict: Verdict): readonly CoachEvent[] {
  if (verdict.kind === 'accepted' || verdict.kind === 'valid') return verdict.events;
  return verdict.kind === 'rejected' ? (verdict.free ?? []) : [];
}

/** How many times off take as much room in an append as an event. */
const SYNCED_IN_AN_EVENT = 4;

/** About as many as the events that the command leads to. */
function weightOf(item: Attempt | Look): number {
  if (isLook(item)) return 1;
  const { command } = item;
  switch (command.type) {
    case 'ScheduleSeries':
    case 'RescheduleSeries':
      return command.occurrences.length;
    case 'CancelSeries':
      return MAX_OCCURRENCES;
    case 'SyncTimeOff':
      return 1 + command.timeOff.length / SYNCED_IN_AN_EVENT;
    default:
      return 1;
  }
}
