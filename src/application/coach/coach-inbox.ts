import type { CoachEvent } from '../../domain/coach/events.js';
import { decodeMetadata } from '../../event-store/event-codec.js';
import type { EventStore, Position, Revision } from '../../event-store/event-store.js';
import type { ClientInbox } from '../client/client-inbox.js';
import { createReservations } from '../client/reserve.js';
import { createInbox } from '../streams/inbox.js';
import { type Coach, type Coaches, coachKind } from './coaches.js';
import { decideBatch, type Verdict } from './decide-batch.js';
import type { RequestLedger } from './requests.js';
import type { Accepted, CoachOutcome, Submission } from '../submission.js';

/** Where commands for coaches go. */
export interface CoachInbox {
  /**
   * Decides a command and makes its events durable. One batch at a time for each coach, many coaches at once: commands
   * that arrive while a coach's append is under way gather, are decided against one state and are appended together.
   * The time of clients is kept in their own streams first.
   *
   * Throws `Overloaded`, `StoreUnavailable` (then the events may have been written, or yet be), `ReadModelUnavailable`
   * (only with a `request_id`; nothing was written), or the signal's reason.
   */
  submit(submission: Submission): Promise<CoachOutcome>;
}

/** What the inbox needs. */
export interface CoachInboxParts {
  readonly store: EventStore;
  readonly coaches: Coaches;
  readonly clients: ClientInbox;
  readonly ledger: RequestLedger;
  /** Gives ids for events. */
  readonly newId: () => string;
  /** Told when a client's time could not be let go of at once; it will be by whoever needs it. */
  readonly onLeftBehind: (error: unknown) => void;
  /** How many commands may wait, of all coaches together. */
  readonly maxWaiting?: number;
  /** How often a batch is decided before it gives up against other writers. */
  readonly maxAttempts?: number;
}

/** An inbox over a store of events. */
export function createCoachInbox(parts: CoachInboxParts): CoachInbox {
  const { store, coaches, clients, ledger, newId, onLeftBehind, maxWaiting = 10_000, maxAttempts = 20 } = parts;

  async function handle(coachHashId: string, submissions: readonly Submission[]) {
    let { aggregate: coach, current } = await coaches.load(coachHashId);
    const reservations = createReservations(clients, onLeftBehind);

    /** The outcomes, each once its client's stream is tidied up. */
    function settle(verdicts: readonly Verdict[], position?: Position): Promise<CoachOutcome>[] {
      // Who sent the same command again has the verdict of the first: there is one thing to tidy up.
      const tidied = new Map<Verdict, Promise<void>>();
      return verdicts.map(async (verdict, index) => {
        const events = verdict.kind === 'accepted' ? verdict.events : [];
        const tidying = tidied.get(verdict) ?? reservations.tidy(submissions[index] as Submission, events);
        tidied.set(verdict, tidying);
        await tidying;
        return outcomeOf(coach, verdict, position);
      });
    }

    for (let attempt = 1; attempt <= maxAttempts; ) {
      const earlier = await ledger.findEarlier(coach, submissions);
      const { verdicts, facts } = decideBatch(coach, submissions, earlier, reservations.refusals);
      // Who is refused makes room for others of the batch, which then need time of their clients.
      if (!(await reservations.reserve(submissions, verdicts))) continue;

      if (facts.length === 0) {
        // A refusal counts only against the latest state: another process may have freed the time, or may have carried
        // the command out when it was sent before.
        if (current || verdicts.every(isFinal) || !(await coaches.catchUp(coach))) return settle(verdicts);
        current = true;
        continue;
      }

      const events = facts.map(({ event, metadata }) => coachKind.events.encode(newId(), event, metadata));
      const result = await store.append(coachKind.streamOf(coachHashId), coach.revision, events);
      if (result.outcome === 'appended') {
        coaches.advance(coach, facts, result.position);
        for (const { metadata } of facts) if (metadata.requestId) ledger.note(metadata.requestId, coachHashId);
        return settle(verdicts, result.position);
      }
      await coaches.catchUp(coach);
      current = true;
      attempt += 1;
    }
    return settle(submissions.map(() => ({ kind: 'contended' })));
  }

  async function outcomeOf(coach: Coach, verdict: Verdict, position: Position | undefined): Promise<CoachOutcome> {
    switch (verdict.kind) {
      case 'rejected':
        return { kind: 'rejected', rejection: verdict.rejection };
      case 'request-id-reused':
      case 'blocked':
      case 'quota':
      case 'outdated':
      case 'contended':
        return verdict;
      case 'failed':
        throw verdict.error;
      case 'repeated':
        return firstAnswer(coach, verdict.revision);
      case 'valid':
        return { kind: 'accepted', events: verdict.events, revision: undefined, position: undefined };
      case 'accepted': {
        if (verdict.events.length > 0) return { ...verdict, position };
        return { ...verdict, revision: undefined, position: undefined };
      }
      default:
        return verdict satisfies never;
    }
  }

  /** What was answered to the command whose events begin at the revision. */
  async function firstAnswer(coach: Coach, revision: Revision): Promise<Accepted> {
    let requestId: string | undefined;
    const events: CoachEvent[] = [];
    let position: Position | undefined;

    reading: for await (const page of store.read(coachKind.streamOf(coach.id), revision)) {
      for (const recorded of page) {
        const metadata = decodeMetadata(recorded);
        requestId ??= metadata.requestId;
        if (metadata.requestId !== requestId) break reading;
        events.push(coachKind.events.decode(recorded));
        position = recorded.position;
      }
    }
    if (position === undefined) throw new Error(`stream of coach ${coach.id} has no revision ${revision}`);
    return { kind: 'accepted', events, revision: Number(revision), position };
  }

  const inbox = createInbox({ handle, weightOf, maxWaiting });
  return { submit: (submission) => inbox.submit(submission.command.coachHashId, submission) };
}

/** Whether the verdict stands whatever has been added to the coach's stream. */
function isFinal({ kind }: Verdict): boolean {
  return !REFUSED_OR_VALID.has(kind);
}

const REFUSED_OR_VALID: ReadonlySet<Verdict['kind']> = new Set([
  'rejected',
  'request-id-reused',
  'valid',
  'blocked',
  'quota',
]);

// The events that a command leads to, more or less.
function weightOf({ command }: Submission): number {
  switch (command.type) {
    case 'ScheduleSeries':
    case 'RescheduleSeries':
      return command.occurrences.length;
    case 'CancelSeries':
      return MOST_OCCURRENCES;
    default:
      return 1;
  }
}

const MOST_OCCURRENCES = 104;
