import { coachStream } from '../domain/coach.js';
import { decodeEvent, decodeMetadata, encodeEvent } from '../event-store/event-codec.js';
import type { EventStore, Position, Revision } from '../event-store/event-store.js';
import type { Coach, CoachStates } from './coach-states.js';
import { decideBatch, type Verdict } from './decide-batch.js';
import type { RequestLedger } from './request-ledger.js';
import { type Outcome, Overloaded, type Submission } from './submission.js';

/** Where commands for coaches go. */
export interface CoachInbox {
  /**
   * Decides a command and makes its events durable. One batch at a time for each coach, many coaches at once: commands
   * that arrive while a coach's append is under way gather, are decided against one state and are appended together.
   *
   * Throws `Overloaded`, `StoreUnavailable` (then the events may have been written, or yet be), `ReadModelUnavailable`
   * (only with a `request_id`; nothing was written), or the signal's reason.
   */
  submit(submission: Submission): Promise<Outcome>;
}

/** What the inbox needs. */
export interface CoachInboxParts {
  readonly store: EventStore;
  readonly states: CoachStates;
  readonly ledger: RequestLedger;
  /** Gives ids for events. */
  readonly newId: () => string;
  /** How many commands may wait, of all coaches together. */
  readonly maxWaiting?: number;
  /** How often a batch is decided before it gives up against other writers. */
  readonly maxAttempts?: number;
}

// Keeps an append well below what stores take at once: a KurrentDB node takes 1 MiB by default.
const MAX_BATCH = 256;

interface Waiting {
  readonly submission: Submission;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** An inbox over a store of events. */
export function createCoachInbox(parts: CoachInboxParts): CoachInbox {
  const { store, states, ledger, newId, maxWaiting = 10_000, maxAttempts = 20 } = parts;

  /** A coach is in here exactly while its queue is being worked off. */
  const queues = new Map<string, Waiting[]>();
  let waitingCount = 0;

  async function workOff(coachHashId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH).filter(isStillWanted);
      if (batch.length === 0) continue;
      try {
        const outcomes = await handle(
          coachHashId,
          batch.map(({ submission }) => submission),
        );
        for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] as Outcome);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    queues.delete(coachHashId);
  }

  async function handle(coachHashId: string, submissions: readonly Submission[]): Promise<Outcome[]> {
    let { coach, current } = await states.load(coachHashId);

    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const earlier = await ledger.findEarlier(coach, submissions);
      const { verdicts, facts } = decideBatch(coach, submissions, earlier);

      if (facts.length === 0) {
        // A refusal counts only against the latest state: another process may have freed the time.
        const stands = current || !verdicts.some(({ kind }) => kind === 'rejected') || !(await states.catchUp(coach));
        if (stands) return Promise.all(verdicts.map((verdict) => outcomeOf(coach, verdict)));
        current = true;
        continue;
      }

      const stream = coachStream(coachHashId);
      const events = facts.map(({ event, metadata }) => encodeEvent(newId(), event, metadata));
      const result = await store.append(stream, coach.revision, events);
      if (result.outcome === 'appended') {
        states.advance(coach, facts, result.position);
        for (const { metadata } of facts) if (metadata.requestId) ledger.note(metadata.requestId, coachHashId);
        return Promise.all(verdicts.map((verdict) => outcomeOf(coach, verdict, result.position)));
      }
      await states.catchUp(coach);
      current = true;
    }
    return submissions.map(() => ({ kind: 'contended' }));
  }

  async function outcomeOf(coach: Coach, verdict: Verdict, position?: Position): Promise<Outcome> {
    switch (verdict.kind) {
      case 'rejected':
      case 'request-id-reused':
        return verdict;
      case 'repeated':
        return firstAnswer(coach, verdict.revision);
      case 'accepted':
        if (position === undefined) throw new Error('an accepted command led to no event');
        return { ...verdict, position };
      default:
        return verdict satisfies never;
    }
  }

  /** What was answered to the command whose events begin at the revision. */
  async function firstAnswer(coach: Coach, revision: Revision): Promise<Outcome> {
    let requestId: string | undefined;
    const events = [];
    let position: Position | undefined;

    reading: for await (const page of store.read(coachStream(coach.id), revision)) {
      for (const recorded of page) {
        const metadata = decodeMetadata(recorded);
        requestId ??= metadata.requestId;
        if (metadata.requestId !== requestId) break reading;
        events.push(decodeEvent(recorded));
        position = recorded.position;
      }
    }
    if (position === undefined) throw new Error(`stream of coach ${coach.id} has no revision ${revision}`);
    return { kind: 'accepted', events, position };
  }

  return {
    submit(submission) {
      if (waitingCount >= maxWaiting) return Promise.reject(new Overloaded(`${waitingCount} commands are waiting`));

      waitingCount += 1;
      return new Promise<Outcome>((resolve, reject) => {
        const { coachHashId } = submission.command;
        const waiting = { submission, resolve, reject };
        const queue = queues.get(coachHashId);
        if (queue) {
          queue.push(waiting);
        } else {
          const started = [waiting];
          queues.set(coachHashId, started);
          void workOff(coachHashId, started);
        }
      }).finally(() => {
        waitingCount -= 1;
      });
    },
  };
}

function isStillWanted({ submission: { signal }, reject }: Waiting): boolean {
  if (signal.aborted) reject(signal.reason);
  return !signal.aborted;
}
