import { isDeepStrictEqual } from 'node:util';
import type { Outcome, Submission } from '../../src/application/submission.js';
import { HOLD_QUOTA } from '../../src/domain/client/client.js';
import { evolveCoach, initialCoach } from '../../src/domain/coach/coach.js';
import type { CoachCommand } from '../../src/domain/coach/commands.js';
import { decideCoach } from '../../src/domain/coach/decide.js';
import type { Rejection } from '../../src/domain/coach/decision.js';
import type { CoachEvent, Conflict } from '../../src/domain/coach/events.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import { StoreUnavailable } from '../../src/event-store/event-store.js';
import { zoneRules } from '../support/zone-rules.js';
import { meets, type Span, type Taken, type Truth, type WrittenEvent } from './truth.js';

/** A command that was sent, and the answer to its sender. */
export interface Call {
  readonly submission: Submission;
  /** The places in the log between which it was carried out, or refused. */
  readonly begin: number;
  end: number;
  told: Outcome | { readonly kind: 'failed'; readonly error: unknown } | undefined;
}

/** Throws when the log contradicts the answer to the sender of a command. */
export function checkAnswer(call: Call, truth: Truth): void {
  const { told, submission } = call;
  if (submission.validateOnly) checkWroteNothing(call, truth);
  checkIsTheFirstAnswer(call, truth);
  if (told?.kind === 'accepted') checkAccepted(told, submission, truth);
  else if (told?.kind === 'failed') checkMayFail(told.error, submission);
  else if (told) checkNothingOf(call, truth);
  if (told?.kind === 'contended') checkWasContended(call, truth);
  if (told?.kind === 'rejected') checkRejected(told.rejection, call, truth);
}

function checkMayFail(error: unknown, { cancellation }: Submission): void {
  if (!(error instanceof StoreUnavailable) && error !== cancellation.reason) throw error;
}

function checkAccepted(
  told: Extract<Outcome, { kind: 'accepted' }>,
  { command, metadata }: Submission,
  truth: Truth,
): void {
  if (told.revision === undefined) return;
  const there = (truth.streams.get(`coach-${command.coachHashId}`) ?? []).slice(
    told.revision,
    told.revision + told.events.length,
  );
  const isThere = isDeepStrictEqual(plain(there.map(decode)), plain(told.events));
  if (!isThere || !there.every((event) => isOfRequest(event, metadata))) {
    throw new Error('what was accepted is not in the log');
  }
}

function checkWroteNothing({ submission }: Call, truth: Truth): void {
  const { correlationId } = submission.metadata;
  const events = truth.log.flatMap((append) => append.events);
  const written = events.find(({ metadata }) => metadata['correlationId'] === correlationId);
  if (written) throw new Error(`a command that was to be validated only led to ${written.type}`);
}

/** A command that gave up was overtaken at each of many attempts. */
function checkWasContended({ submission, begin, end }: Call, { log }: Truth): void {
  const { correlationId } = submission.metadata;
  const others = log.filter(({ place, events }) => {
    return place > begin && place <= end && events.some(({ metadata }) => metadata['correlationId'] !== correlationId);
  });
  if (others.length < ATTEMPTS) throw new Error(`a command was given up after ${others.length} appends of others`);
}

const ATTEMPTS = 20;

/** A command sent again gets its first answer; another command under its id is refused. */
function checkIsTheFirstAnswer({ submission, begin, told }: Call, truth: Truth): void {
  const { metadata, command } = submission;
  if (!metadata.requestId || !told || told.kind === 'failed' || told.kind === 'contended') return;
  const first = truth
    .appendsOf(command.coachHashId)
    .filter(({ place }) => place <= begin)
    .flatMap(({ events }) => events)
    .find((event) => isOfRequest(event, metadata));
  if (!first) return;
  const isSame = first.metadata['requestFingerprint'] === metadata.requestFingerprint;
  if (told.kind !== (isSame ? 'accepted' : 'request-id-reused')) {
    throw new Error(
      `request ${metadata.requestId} of ${metadata.subject} had been accepted and was then answered ${told.kind}`,
    );
  }
}

function isOfRequest({ metadata }: WrittenEvent, { requestId, subject }: Submission['metadata']): boolean {
  return (metadata['requestId'] ?? '') === requestId && (metadata['subject'] ?? '') === subject;
}

/** A command that was refused leaves nothing behind but what it found about the reservations of others. */
function checkNothingOf({ submission }: Call, truth: Truth): void {
  const { correlationId } = submission.metadata;
  const own = truth
    .appendsOf(submission.command.coachHashId)
    .flatMap(({ events }) => events)
    .find(({ metadata, type }) => metadata['correlationId'] === correlationId && !SETTLED.test(type));
  if (own) throw new Error(`a command that was refused led to ${own.type}`);
}

const SETTLED = /ReservationAbandoned|HoldExpired/;

function checkRejected(rejection: Rejection, call: Call, truth: Truth): void {
  switch (rejection.reason) {
    case 'CLIENT_OVERLAP':
      checkWasTaken(call, truth, rejection.reason, rejection.inTheWay);
      break;
    case 'SERIES_CONFLICT':
      for (const { reason, start, end, inTheWayStart, inTheWayEnd } of rejection.conflicts) {
        if (reason === 'AGAINST_POLICY') continue;
        const inTheWay = { start: inTheWayStart, end: inTheWayEnd };
        if (!meets(inTheWay, { start, end })) throw new Error('what is said to be in the way of an occurrence is not');
        checkWasTaken(call, truth, reason, inTheWay);
      }
      checkNoneIsMissing(call, truth, rejection.conflicts);
      checkIsAgainstPolicy(call, truth, rejection.conflicts);
      break;
    case 'HOLD_QUOTA':
      checkHasHolds(call, truth);
      break;
    default:
      if (!wasSaidByTheCoach(call, truth, (said) => isDeepStrictEqual(said, rejection))) {
        throw new Error(`${rejection.reason} was never true during the call`);
      }
  }
}

function checkHasHolds(call: Call, truth: Truth): void {
  const client = clientOf(call.submission.command, truth);
  const holds = truth.taken.filter((one) => one.kind === 'hold' && one.client === client && wasThere(one, call));
  if (holds.length < HOLD_QUOTA) throw new Error(`client ${client} has no more than ${holds.length} holds`);
}

/** The policy, as it was at some moment during the call, is against all of these occurrences. */
function checkIsAgainstPolicy(call: Call, truth: Truth, conflicts: readonly Conflict[]): void {
  const ofClient = conflicts.filter(({ reason }) => reason === 'CLIENT_OVERLAP');
  const ofPolicy = conflicts.filter(({ reason }) => reason === 'AGAINST_POLICY');
  const isSaid = (said: Rejection) => {
    if (said.reason !== 'SERIES_CONFLICT') return false;
    return ofPolicy.every((one) => said.conflicts.some((other) => isDeepStrictEqual(one, other)));
  };
  if (ofPolicy.length > 0 && !wasSaidByTheCoach(call, truth, isSaid, ofClient)) {
    throw new Error('the policy was never against the occurrences that are named');
  }
}

/** Whether the coach, as it was at some moment during the call, refuses the command in such a way. */
function wasSaidByTheCoach(
  { submission, begin, end }: Call,
  truth: Truth,
  isIt: (said: Rejection) => boolean,
  clientConflicts: readonly Conflict[] = [],
): boolean {
  const { command } = submission;
  // It may have been sent again with other reservations, after these were abandoned.
  const withNewReservations = 'reservationId' in command ? { ...command, reservationId: 'new' } : command;
  let state = initialCoach;
  const refuses = () => {
    const decision = decideCoach(withNewReservations, state, zoneRules, clientConflicts);
    return decision.kind === 'rejected' && isIt(decision.rejection);
  };
  let isSaid = refuses();
  for (const { place, events } of truth.appendsOf(command.coachHashId)) {
    if (place > end) break;
    if (place <= begin) isSaid = false;
    // Commands of one append are decided one after the other.
    for (const event of events) {
      state = evolveCoach(state, decode(event));
      if (place > begin || event === events.at(-1)) isSaid ||= refuses();
    }
  }
  return isSaid;
}

function checkWasTaken(call: Call, truth: Truth, reason: Conflict['reason'], { start, end }: Span): void {
  const { command } = call.submission;
  const was = truth.taken.some((one) => {
    if (one.start !== start || one.end !== end || !wasThere(one, call)) return false;
    if (reason === 'CLIENT_OVERLAP') return one.client === clientOf(command, truth);
    return one.coach === command.coachHashId && one.kind === (reason === 'SLOT_HELD' ? 'hold' : 'session');
  });
  if (!was) throw new Error(`${reason}: ${new Date(start).toISOString()} was never taken during the call`);
}

/** Every occurrence that could not be booked at any moment is listed. */
function checkNoneIsMissing(call: Call, truth: Truth, conflicts: readonly Conflict[]): void {
  const { command } = call.submission;
  if (command.type !== 'ScheduleSeries') return;
  for (const { occurrence, start } of command.occurrences) {
    if (conflicts.some((one) => one.occurrence === occurrence)) continue;
    const span = { start, end: start + command.duration * 60_000 };
    const inTheWay = truth.taken.find((one) => {
      const isTheirs = one.coach === command.coachHashId || one.client === command.clientHashId;
      return isTheirs && meets(one, span) && one.expiresAt > command.now && one.from <= call.begin && one.to > call.end;
    });
    if (inTheWay) throw new Error(`occurrence ${occurrence} is not told, though ${inTheWay.id} is in its way`);
  }
}

function wasThere({ from, to, expiresAt }: Taken, { begin, end, submission }: Call): boolean {
  return from <= end && to >= begin && expiresAt > submission.command.now;
}

function clientOf(command: CoachCommand, truth: Truth): string | undefined {
  if ('clientHashId' in command) return command.clientHashId;
  const ids = 'sessionId' in command ? [command.sessionId] : [];
  if ('occurrences' in command) ids.push(...command.occurrences.map(({ sessionId }) => sessionId));
  return truth.taken.find(({ id }) => ids.includes(id))?.client;
}

function decode(event: WrittenEvent): CoachEvent {
  return coachEvents.decode({ ...event, stream: '', revision: 0n, position: 0n, recordedAt: 0 });
}

/** Without what is undefined, which the stored form leaves out. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
