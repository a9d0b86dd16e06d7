import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { runProjection } from '../../projections/runner.js';
import { sessions } from '../../projections/sessions-projection.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import type { CoachEvent } from '../../src/domain/coach/events.js';
import { auditLog } from '../../src/verify/audit-log.js';
import { collectFaults, lineOf } from '../../src/verify/faults.js';
import { compareReadModel } from '../../src/verify/read-model/compare.js';
import { TABLES } from '../../src/verify/read-model/expected-rows.js';
import { openSnapshot } from '../../src/verify/read-model/snapshot.js';
import {
  added,
  hoursDeleted,
  hoursSet,
  LIMITS,
  policySet,
  removed,
  synced,
  timeOff,
  timeOffId,
} from '../projections/availability/samples.js';
import { NOON, openWorld, scheduled, silent, stored, type World } from '../projections/support.js';

const HOUR = 3_600_000;
const [FIRST, SECOND, HOLD, SERIES] = Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];

const first = scheduled({ sessionId: FIRST });
const { type: _, ...ofFirst } = first;
const of = { coachHashId: 'ann', clientHashId: 'bob' };
const EVENTS: readonly CoachEvent[] = [
  first,
  { type: 'SessionCancelled', ...ofFirst, cancelledAt: NOON, cancelledBy: 'client', reason: 'ill' },
  {
    type: 'SeriesScheduled',
    seriesId: SERIES,
    ...of,
    localStart: '2030-01-07T13:00:00',
    timeZone: 'UTC',
    duration: 60,
    recurrence: 'FREQ=DAILY;COUNT=1',
    disambiguation: 'compatible',
    zoneRulesVersion: '2026f',
    skipped: [
      {
        occurrence: 2,
        start: NOON,
        end: NOON + HOUR,
        reason: 'COACH_OVERLAP',
        inTheWayStart: NOON - 1,
        inTheWayEnd: NOON + 1,
        obstacles: [],
      },
      {
        occurrence: 3,
        start: NOON,
        end: NOON + HOUR,
        reason: 'AGAINST_POLICY',
        inTheWayStart: NOON,
        inTheWayEnd: NOON + HOUR,
        obstacles: ['NOTICE', 'GAP'],
      },
    ],
    scheduledAt: NOON - HOUR,
    ignoredPolicy: undefined,
  },
  scheduled({
    sessionId: SECOND,
    start: NOON + HOUR,
    seriesId: SERIES,
    occurrence: 1,
    localStart: '2030-01-07T13:00:00',
  }),
  {
    type: 'SlotHeld',
    holdId: HOLD,
    ...of,
    start: NOON + 2 * HOUR,
    duration: 30,
    heldAt: NOON,
    expiresAt: NOON + HOUR,
    reservationId: undefined,
    ignoredPolicy: undefined,
  },
];

const DATES = timeOff(1, { firstDate: '2030-03-30', lastDate: '2030-03-31', reason: 'a "trip"', source: 'mail' });
const TIMES = timeOff(2, { externalId: 'uid-2', source: 'mail' });

/** What Ann offers. */
const OFFERING: readonly CoachEvent[] = [
  hoursSet(),
  hoursDeleted(NOON + 1),
  hoursSet({ timeZone: 'UTC' }, NOON + 2),
  policySet(LIMITS),
  added(DATES),
  added(TIMES),
  removed(TIMES, NOON + 1),
  synced({
    removed: [DATES],
    added: [
      { ...TIMES, timeOffId: timeOffId(3) },
      { ...DATES, timeOffId: timeOffId(4) },
    ],
  }),
];

/** Sessions and their changes, holds, series, requests; hours and their changes, policies, times off. */
const ROWS = 2 + 3 + 1 + 1 + 3 + 1 + 3 + 1 + 4;

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await append('r1', EVENTS.slice(0, 1));
  await append('', EVENTS.slice(1, 2));
  await append('r1', EVENTS.slice(2, 4), 'joe');
  await append('r3', EVENTS.slice(4));
  await projectUpTo(await append('', OFFERING));
  await world.pool.query('create schema sound');
  for (const { name } of sessions.tables) {
    await world.pool.query(`create table sound.${name} as select * from read_model.${name}`);
  }
});

afterAll(() => world.close());

/** Puts the rows back that a test has changed. */
async function restore(): Promise<void> {
  for (const { name } of sessions.tables) {
    await world.pool.query(`truncate read_model.${name}; insert into read_model.${name} select * from sound.${name}`);
  }
}

/** Brings the read model up to a position. */
async function projectUpTo(position: bigint): Promise<void> {
  const reached = new AbortController();
  const onPosition = (at: bigint) => {
    if (at === position) reached.abort();
  };
  const { store, url } = world;
  await runProjection(sessions, { store, url, log: silent, signal: reached.signal, onPosition });
}

async function append(requestId: string, events: readonly CoachEvent[], subject = ''): Promise<bigint> {
  const correlationId = `c${requestId}`;
  const metadata = { requestId, subject, requestFingerprint: requestId && 'f', correlationId, actor: 'eve' };
  const result = await world.store.append(
    coachStream('ann'),
    'any',
    events.map((event) => stored(event, metadata)),
  );
  if (result.outcome !== 'appended') throw new Error('a conflict');
  return result.position;
}

/** Audits the log and the read model; what was written meanwhile is there after the snapshot. */
async function audit(meanwhile: () => Promise<unknown> = async () => {}) {
  const snapshot = (await openSnapshot(world.url))!;
  onTestFinished(snapshot.close);
  await meanwhile();
  const faults = collectFaults(20);
  const beside = compareReadModel(snapshot, faults);
  const end = await world.store.head();
  const signal = new AbortController().signal;
  const { events } = await auditLog({ store: world.store, isShared: false, end, faults, signal, beside });
  await snapshot.close();
  return { events, rows: beside.rows, faults: faults.first.map(lineOf) };
}

test('a read model that is as the log leaves it has no faults', async () => {
  expect(await audit()).toEqual({ events: 5 + 8, rows: ROWS, faults: [] });
});

const row = (table: string, key: string) => `read_model.${table}, ${key}: `;

test.each<[string, string, string]>([
  [
    'a session that differs',
    `update read_model.sessions set state = 'scheduled', cancelled_by = null where id = '${FIRST}'`,
    `${row('sessions', `id ${FIRST}`)}state is "scheduled", by the log "cancelled"; cancelled_by is null, by the log "client"`,
  ],
  [
    'a time that differs by less than a millisecond',
    `update read_model.sessions set start = start + interval '10 microseconds' where id = '${FIRST}'`,
    `${row('sessions', `id ${FIRST}`)}start is ${NOON}.01, by the log ${NOON}`,
  ],
  ['a session that is missing', `delete from read_model.sessions where id = '${FIRST}'`, 'the row is missing'],
  [
    'a session that nobody booked',
    `insert into read_model.sessions
     select gen_random_uuid(), coach_hash_id, client_hash_id, start, duration, state, revision, created_at, updated_at
     from read_model.sessions limit 1`,
    'the log has nothing that makes this row',
  ],
  [
    'a change that differs',
    `update read_model.session_history set actor = 'mallory' where revision = 1`,
    `${row('session_history', `session_id ${FIRST}, revision 1`)}actor is "mallory", by the log "eve"`,
  ],
  [
    'a subject that is missing',
    'update read_model.session_history set subject = null where revision = 3',
    `${row('session_history', `session_id ${SECOND}, revision 3`)}subject is null, by the log "joe"`,
  ],
  [
    'a change that is missing',
    'delete from read_model.session_history where revision = 1',
    `${row('session_history', `session_id ${FIRST}, revision 1`)}the row is missing`,
  ],
  [
    'a last change that is missing',
    'delete from read_model.session_history where revision = 3',
    `${row('session_history', `session_id ${SECOND}, revision 3`)}the row is missing`,
  ],
  [
    'a change that nobody made',
    `update read_model.session_history set position = 99 where revision = 3`,
    'the log has nothing that makes this row',
  ],
  [
    'a hold that differs',
    `update read_model.holds set state = 'released'`,
    `${row('holds', `id ${HOLD}`)}state is "released", by the log "open"`,
  ],
  [
    'a series that differs',
    `update read_model.series set time_zone = 'Europe/Zurich'`,
    `${row('series', `id ${SERIES}`)}time_zone is "Europe/Zurich", by the log "UTC"`,
  ],
  [
    'a series that differs in what was skipped',
    `update read_model.series set skipped = '[]'`,
    `${row('series', `id ${SERIES}`)}skipped is "[]", by the log "[{\\"end\\": \\"2030-`,
  ],
  [
    'a request that differs',
    `update read_model.requests set revision = 4 where request_id = 'r1 joe'`,
    `${row('requests', 'request_id r1 joe, coach_hash_id ann')}revision is 4, by the log 2`,
  ],
  [
    'a request that is missing',
    `delete from read_model.requests where request_id = 'r1 joe'`,
    `${row('requests', 'request_id r1 joe, coach_hash_id ann')}the row is missing`,
  ],
  [
    'hours that differ',
    `update read_model.availability set weekly = jsonb_set(weekly, '{0,to}', '"13:00"')`,
    `${row('availability', 'coach_hash_id ann')}weekly is "[{\\"to\\": \\"13:00\\"`,
  ],
  [
    'hours that are missing',
    'delete from read_model.availability',
    `${row('availability', 'coach_hash_id ann')}the row is missing`,
  ],
  [
    'a change of hours that differs',
    `update read_model.availability_history set dates = '[]' where revision = 5`,
    `${row('availability_history', 'coach_hash_id ann, revision 5')}dates is "[]", by the log "[{\\"date\\"`,
  ],
  [
    'a subject that changed no hours',
    "update read_model.availability_history set subject = 'joe' where revision = 5",
    `${row('availability_history', 'coach_hash_id ann, revision 5')}subject is "joe", by the log null`,
  ],
  [
    'a change of hours that nobody made',
    `update read_model.availability_history set revision = 99 where revision = 6`,
    `${row('availability_history', 'coach_hash_id ann, revision 99')}the log has nothing that makes this row`,
  ],
  [
    'a booking policy that differs',
    'update read_model.booking_policies set gap_after = null',
    `${row('booking_policies', 'coach_hash_id ann')}gap_after is null, by the log 0`,
  ],
  [
    'a date off that differs',
    `update read_model.time_off set last_date = '2030-04-01' where id = '${timeOffId(4)}'`,
    `${row('time_off', `id ${timeOffId(4)}`)}last_date is "2030-04-01", by the log "2030-03-31"`,
  ],
  [
    'a time off that was removed and is there',
    `update read_model.time_off set removed_at = null where id = '${timeOffId(2)}'`,
    `${row('time_off', `id ${timeOffId(2)}`)}removed_at is null, by the log ${NOON + 1}`,
  ],
])('an audit names %s', async (_, statement, sentence) => {
  onTestFinished(restore);
  const { rowCount } = await world.pool.query(statement);
  expect(rowCount).toBe(1);
  expect((await audit()).faults.join('\n')).toContain(sentence);
});

test('every column of the tables that are made from the log is compared', async () => {
  const { rows } = await world.pool.query<{ table_name: string; columns: string[] }>(
    `select table_name, array_agg(column_name::text order by column_name) as columns
     from information_schema.columns
     where table_schema = 'read_model' and table_name = any($1) group by 1 order by 1`,
    [sessions.tables.map(({ name }) => name)],
  );
  const compared = Object.values(TABLES).map(({ name, columns }) => {
    return { table_name: name, columns: Object.keys(columns).sort() };
  });
  expect(compared.sort((one, other) => (one.table_name < other.table_name ? -1 : 1))).toEqual(rows);
});

// From here on the log grows.

test('a read model that is behind is compared up to its checkpoint', async () => {
  await append('', [{ type: 'HoldReleased', ...ofHold(), releasedAt: NOON }]);
  await append('', [scheduled({ start: NOON + 5 * HOUR })]);
  expect(await audit()).toEqual({ events: 7 + 8, rows: ROWS, faults: [] });
});

test('what is written after the audit has begun does not disturb it', async () => {
  const audited = await audit(async () => {
    await projectUpTo(await append('', [scheduled({ start: NOON + 6 * HOUR })]));
  });
  expect(audited).toEqual({ events: 8 + 8, rows: ROWS, faults: [] });
});

test('without tables there is nothing to compare', async () => {
  await world.pool.query('drop schema read_model cascade');
  expect(await openSnapshot(world.url)).toBeUndefined();
});

function ofHold() {
  const { type: _, ...hold } = EVENTS[4] as Extract<CoachEvent, { type: 'SlotHeld' }>;
  return hold;
}
