import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import pg from 'pg';
import pino from 'pino';
import { COACH_STREAM_PREFIX } from '../../src/domain/coach/coach.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
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

// A million half hours end before 2030.
const FIRST_START = Date.UTC(1970, 0, 1);
const DURATION = 30;
/** Events that one statement writes. */
const CHUNK = 50_000;

/**
 * Writes the past of coaches to the event store of a database, as the service would have before it had a rule for
 * clients: no client is in two sessions at once, but their time is not reserved. Takes some twenty seconds for a million
 * sessions.
 */
export async function seed(databaseUrl: string, coaches: readonly CoachToSeed[]): Promise<void> {
  const log = pino({ level: 'silent' });
  await (await openPostgresEventStore(databaseUrl, { log, timeLimit: 60_000 })).close();

  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    let rows: SeedRow[] = [];
    for (const row of rowsOf(coaches)) {
      rows.push(row);
      if (rows.length < CHUNK) continue;
      await append(client, rows);
      rows = [];
    }
    await append(client, rows);
    await client.query('vacuum analyze event_store.events');
  } finally {
    await client.end();
  }
}

interface SeedRow {
  readonly coachHashId: string;
  readonly clientHashId: string;
  /** The number of the session among those of its coach. */
  readonly nr: number;
}

function* rowsOf(coaches: readonly CoachToSeed[]): Generator<SeedRow> {
  for (const [place, { coachHashId, sessions }] of coaches.entries()) {
    for (let nr = 0; nr < sessions; nr += 1) {
      const requests = { kind: 'book', first: 0, coaches: coaches.length } as const;
      const { clientHashId } = wantedSession(requests, nr * coaches.length + place);
      yield { coachHashId, clientHashId, nr };
    }
  }
}

/** Appends events to streams that nobody else writes. */
async function append(client: pg.Client, rows: readonly SeedRow[]): Promise<void> {
  const { type, data, metadata } = SAMPLE;
  await client.query(
    `insert into event_store.events (position, stream, revision, id, type, data, metadata)
     select last + place, $1 || coach, nr, gen_random_uuid(), $2, $3::jsonb || jsonb_build_object(
         'sessionId', uuidv7(), 'coachHashId', coach, 'clientHashId', client,
         'start', to_char(to_timestamp($4 + nr * ${DURATION * 60}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
       ), $5::jsonb
     from unnest($6::text[], $7::text[], $8::integer[]) with ordinality as row (coach, client, nr, place),
       (select coalesce(max(position), 0) as last from event_store.events) as log
     order by place`,
    [
      COACH_STREAM_PREFIX,
      type,
      data,
      FIRST_START / 1000,
      metadata,
      rows.map(({ coachHashId }) => coachHashId),
      rows.map(({ clientHashId }) => clientHashId),
      rows.map(({ nr }) => nr),
    ],
  );
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

/** An event as the service writes it. What differs between sessions, the statement says. */
const SAMPLE = coachEvents.encode(
  randomUUID(),
  {
    type: 'SessionScheduled',
    sessionId: '',
    coachHashId: '',
    clientHashId: '',
    start: FIRST_START,
    duration: DURATION,
    scheduledAt: Date.now(),
    seriesId: undefined,
    occurrence: undefined,
    localStart: undefined,
    reservationId: undefined,
    ignoredPolicy: undefined,
  },
  create(EventMetadataSchema, { correlationId: randomUUID() }),
);
