import type { CoachEvent } from '../../domain/coach/events.js';
import { type CoachState, evolveCoach, initialCoach } from '../../domain/coach/coach.js';
import { coachStream } from '../../domain/coach/coach.js';
import { coachEvents } from '../../event-store/event-codec.js';
import type { Aggregate, AggregateKind, Aggregates, Fact } from '../streams/aggregates.js';

export type Coach = Aggregate<CoachState>;
export type CoachFact = Fact<CoachEvent>;
export type Coaches = Aggregates<CoachState, CoachEvent>;

// Rough sizes of V8 objects on a 64-bit machine, with their strings and their places in lists. What comes from a
// snapshot takes a fifth of it until it is looked at, and is counted as if it had been.
const SESSION_BYTES = 500;
const HOLD_BYTES = 400;

/** Coaches, from the events in their streams. */
export const coachKind: AggregateKind<CoachState, CoachEvent> = {
  streamOf: coachStream,
  events: coachEvents,
  initial: initialCoach,
  evolve: evolveCoach,
  bytesOf: ({ sessions, holds }) => SESSION_BYTES * sessions.size + HOLD_BYTES * holds.size,
};
