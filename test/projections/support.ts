import { randomUUID } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type pg from 'pg';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { bigint, uuid } from '../../projections/column-types.js';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { type Change, liveTable, type Projection, put } from '../../projections/projection.js';
import { runProjection } from '../../projections/runner.js';
import { sessions } from '../../projections/sessions-projection.js';
import { putChanges } from '../../projections/statements.js';
import type { Table } from '../../projections/table.js';
import type { AcceptedRequest } from '../../src/application/coach/requests.js';
import type { Reader, SessionRow } from '../../src/application/read-model.js';
import { COACH_STREAM_PREFIX, coachStream } from '../../src/domain/coach/coach.js';
import type { CoachEvent, SessionScheduled } from '../../src/domain/coach/events.js';
import { coachEvents } from '../../src/event-store/event-codec.js';
import type { EventStore, NewEvent, Position, RecordedEvent } from '../../src/event-store/event-store.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { createPool } from '../../src/postgres/pool.js';
import { Cancellation } from '../../src/waiting.js';
import { createTestDatabase } from '../support/database.js';
import { asRead } from '../support/event-store-samples.js';

export const silent = pino({ level: 'silent' });

/** Whoever reads. */
export const READER: Reader = { caller: '127.0.0.1', cancellation: new Cancellation() };

/** A log to look at: what was logged, oldest first. */
export function recordingLog() {
  const lines: { level: number; msg: string; err?: { type: string; message: string } }[] = [];
  return { lines, log: pino({ base: null }, { write: (line) => void lines.push(JSON.parse(line)) }) };
}

/** A store and a read model in a database of their own. */
export interface World {
  readonly url: string;
  readonly store: EventStore;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** A world for one test. */
export async function testWorld(): Promise<World> {
  const world = await openWorld();
  onTestFinished(() => world.close());
  return world;
}

/** A world for the tests of a file, which must close it. */
export async function openWorld(): Promise<World> {
  const database = await createTestDatabase();
  const store = await openPostgresEventStore(database.url, { log: silent });
  await migrateReadModel(database.url);
  const pool = createPool(database.url, { max: 5, applicationName: 'test', log: silent, planForGrowth: true });
  return {
    url: database.url,
    store,
    pool,
    async close() {
      await Promise.all([store.close(), pool.end()]);
      await database.drop();
    },
  };
}

/** Puts the rows of the sources into a table that serves readers, as a live run does. */
export async function putRows<Source>(pool: pg.Pool, table: Table<Source>, ...sources: Source[]): Promise<void> {
  const changes = sources.map((source) => put(table, source));
  await pool.query(putChanges(new Map<Table, Change[]>([[table, changes]]), liveTable, 'put'));
}

/** Writes the changes of events into the tables that serve readers, as a live run does, all at once. */
export async function project(pool: pg.Pool, ...events: RecordedEvent[]): Promise<void> {
  const changes = new Map<Table, Change[]>();
  for (const change of events.flatMap(sessions.changesOf)) {
    changes.set(change.table, [...(changes.get(change.table) ?? []), change]);
  }
  await pool.query(putChanges(changes, liveTable, 'put'));
}

/** Times of the sessions that `scheduled` makes. */
export const NOON = Date.parse('2030-01-07T12:00:00Z');

export function scheduled(event: Partial<SessionScheduled> = {}): SessionScheduled {
  return {
    type: 'SessionScheduled',
    sessionId: randomUUID(),
    coachHashId: 'ann',
    clientHashId: 'bob',
    start: NOON,
    duration: 60,
    scheduledAt: NOON - 3_600_000,
    seriesId: undefined,
    occurrence: undefined,
    localStart: undefined,
    reservationId: undefined,
    ignoredPolicy: undefined,
    ...event,
  };
}

/** A session as queries return it, booked by an event that `scheduled` makes. */
export function sessionRow(row: Partial<SessionRow> = {}): SessionRow {
  const { sessionId, type: _, reservationId: __, ...booked } = scheduled();
  return {
    ...booked,
    id: sessionId,
    state: 'scheduled',
    updatedAt: booked.scheduledAt,
    cancelledBy: undefined,
    absent: undefined,
    reason: undefined,
    revision: 0,
    ...row,
  };
}

/** The stored form of an event. */
export function stored(event: CoachEvent, metadata: MessageInitShape<typeof EventMetadataSchema> = {}): NewEvent {
  return coachEvents.encode(randomUUID(), event, create(EventMetadataSchema, metadata));
}

/** Events as they stand in a log that has nothing else, each in the stream of its coach. */
export function recorded(...events: CoachEvent[]): RecordedEvent[] {
  const revisions = new Map<string, bigint>();
  return events.map((event, index) => {
    const stream = coachStream(event.coachHashId);
    const revision = (revisions.get(stream) ?? -1n) + 1n;
    revisions.set(stream, revision);
    return { ...asRead(stored(event)), stream, revision, position: BigInt(index + 1), recordedAt: Date.now() };
  });
}

/** An event of a command that was accepted under a request id, as it stands in a log. */
export function accepted(request: AcceptedRequest & { requestId: string; subject?: string }): RecordedEvent {
  const { requestId, subject = '', coachHashId, fingerprint: requestFingerprint, revision } = request;
  const event = stored(scheduled({ coachHashId }), { requestId, subject, requestFingerprint });
  return {
    ...asRead(event),
    stream: coachStream(coachHashId),
    revision,
    position: revision + 1n,
    recordedAt: Date.now(),
  };
}

/** Appends events, each to the stream of its coach. Answers the position of the last. */
export async function book(store: EventStore, ...events: CoachEvent[]): Promise<Position> {
  let position: Position | undefined;
  for (const event of events) {
    const result = await store.append(coachStream(event.coachHashId), 'any', [stored(event)]);
    if (result.outcome === 'appended') position = result.position;
  }
  if (position === undefined) throw new Error('nothing was appended');
  return position;
}

/** Runs a projection until the test ends, or `stop` is called. */
export function run(
  projection: Projection,
  { store, url }: Pick<World, 'store' | 'url'>,
  { log = silent, onPosition }: { log?: typeof silent; onPosition?: (position: Position) => void } = {},
): { stop(): Promise<void> } {
  const running = new AbortController();
  const ended = runProjection(projection, {
    store,
    url,
    log,
    signal: running.signal,
    ...(onPosition && { onPosition }),
  });
  const stop = () => {
    running.abort();
    return ended;
  };
  onTestFinished(stop);
  return { stop };
}

/**
 * A table with a row for each time that an event was applied, even if it was applied twice. `createJournal` creates it.
 */
export const journalTable = {
  name: 'journal',
  comment: 'The events applied.',
  key: ['event'],
  keep: 'first',
  columns: {
    event: { type: uuid, of: (event) => event.id, comment: 'The event.' },
    revision: { type: bigint, of: (event) => event.revision, comment: 'Its place in its stream.' },
  },
} as const satisfies Table<RecordedEvent>;

/** The projection that writes the journal. */
export const journal: Projection = {
  name: 'journal',
  version: 1,
  streams: { prefixes: [COACH_STREAM_PREFIX] },
  tables: [journalTable],
  changesOf: (event) => [put(journalTable, event)],
};

export async function createJournal(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create table read_model.journal (
      place bigint generated always as identity, event uuid not null, revision bigint not null
    )`);
}

/** The events noted, in order of their noting. */
export async function journalled(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ event: string }>('select event from read_model.journal order by place');
  return rows.map(({ event }) => event);
}

/** Every event of the log in order. */
export async function logged(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('select id from event_store.events order by position');
  return rows.map(({ id }) => id);
}

export async function checkpoint(pool: pg.Pool, projection: string): Promise<Position | undefined> {
  const { rows } = await pool.query<{ position: Position }>(
    'select position from read_model.checkpoints where projection = $1',
    [projection],
  );
  return rows[0]?.position;
}

/** Ends the connections of a name, as a failing server or network would. Answers how many there were. */
export async function terminate(pool: pg.Pool, applicationName: string): Promise<number> {
  const { rows } = await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like $1 and pid <> pg_backend_pid()`,
    [applicationName],
  );
  return rows.length;
}
