import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import pino from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { coachStream } from '../../src/domain/coach/coach.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import { NO_STREAM } from '../../src/event-store/event-store.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { wantedSession } from '../load/requests.js';
import { ask } from './postgres.js';

/** A coach with a past. */
export interface CoachToSeed {
  readonly coachHashId: string;
  /** How many sessions it has, one after the other from the year 2000 on: before those that the loads book. */
  readonly sessions: number;
}

const FIRST_START = Date.UTC(2000, 0, 1);
const DURATION = 30;
/** What one append takes. */
const CHUNK = 250;
/** Coaches written at once. */
const WRITERS = 16;

/**
 * Writes the past of coaches to the event store of a database, as the service would have before it had a rule for
 * clients: no client is in two sessions at once, but their time is not reserved.
 */
export async function seed(databaseUrl: string, coaches: readonly CoachToSeed[]): Promise<void> {
  const store = await openPostgresEventStore(databaseUrl, { log: pino({ level: 'silent' }), timeLimit: 60_000 });
  const waiting = coaches.map((coach, nr) => ({ ...coach, nr }));
  const write = async () => {
    for (let coach = waiting.shift(); coach; coach = waiting.shift()) {
      for (let from = 0; from < coach.sessions; from += CHUNK) {
        const numbers = Array.from({ length: Math.min(CHUNK, coach.sessions - from) }, (_, nr) => from + nr);
        const { coachHashId, nr: place } = coach;
        const client = (nr: number) =>
          wantedSession({ kind: 'book', first: 0, coaches: coaches.length }, nr * coaches.length + place).clientHashId;
        const events = numbers.map((nr) => eventOf(coachHashId, client(nr), nr));
        const result = await store.append(coachStream(coachHashId), from === 0 ? NO_STREAM : BigInt(from - 1), events);
        if (result.outcome !== 'appended') throw new Error(`${coachHashId} has events already`);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: WRITERS }, write));
  } finally {
    await store.close();
  }
  await ask(databaseUrl, 'vacuum analyze event_store.events');
}

/** Coaches `coach-0` and on, each with as many sessions. */
export function manyCoaches(coaches: number, sessions: number): CoachToSeed[] {
  return Array.from({ length: coaches }, (_, nr) => ({ coachHashId: `coach-${nr}`, sessions }));
}

/** Waits until the read model of a running service has every event. */
export async function projected(databaseUrl: string): Promise<void> {
  for (;;) {
    const [row] = await ask<{ done: boolean }>(
      databaseUrl,
      `select position = (select max(position) from event_store.events) as done
       from read_model.checkpoints where projection = 'sessions'`,
    );
    if (row?.done) return;
    await sleep(100);
  }
}

function eventOf(coachHashId: string, clientHashId: string, nr: number) {
  return coachEvents.encode(
    uuidv7(),
    {
      type: 'SessionScheduled',
      sessionId: uuidv7(),
      coachHashId,
      clientHashId,
      start: FIRST_START + nr * DURATION * 60_000,
      duration: DURATION,
      scheduledAt: Date.now(),
      seriesId: '',
      occurrence: 0,
      localStart: '',
      reservationId: '',
    },
    create(EventMetadataSchema, { correlationId: randomUUID() }),
  );
}
