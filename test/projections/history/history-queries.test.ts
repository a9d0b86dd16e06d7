import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createHistoryQueries } from '../../../projections/history/history-queries.js';
import { sessions } from '../../../projections/sessions-projection.js';
import {
  type AsOf,
  ReadModelUnavailable,
  type SessionFilter,
  type SessionRow,
} from '../../../src/application/read-model.js';
import type { CoachEvent, SessionScheduled } from '../../../src/domain/coach/events.js';
import { createPool } from '../../../src/postgres/pool.js';
import { NOON, openWorld, project, recorded, scheduled, sessionRow, silent, type World } from '../support.js';

const HOUR = 3_600_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function given(...events: CoachEvent[]): Promise<void> {
  await world.pool.query('truncate read_model.sessions, read_model.session_history, read_model.checkpoints');
  await project(world.pool, ...recorded(...events));
}

/** The session moved by an hour and then called off, each an hour after the change before. */
function lifeOf(booked: SessionScheduled): [SessionScheduled, CoachEvent, CoachEvent] {
  const { type: _, ...session } = booked;
  const moved = { ...session, start: session.start + HOUR };
  return [
    booked,
    {
      type: 'SessionRescheduled',
      ...moved,
      rescheduledAt: session.scheduledAt + HOUR,
      previousStart: session.start,
      previousDuration: session.duration,
      previousReservationId: undefined,
      reason: 'later',
      zoneRulesVersion: undefined,
    },
    {
      type: 'SessionCancelled',
      ...moved,
      cancelledAt: session.scheduledAt + 2 * HOUR,
      cancelledBy: 'client',
      reason: 'ill',
    },
  ];
}

const booked = scheduled({ scheduledAt: NOON - 24 * HOUR });
const { scheduledAt } = booked;

/** What `lifeOf` left after each of its events. */
const left: readonly SessionRow[] = [sessionRow({ id: booked.sessionId, scheduledAt, updatedAt: scheduledAt })].flatMap(
  (first): SessionRow[] => {
    const second = {
      ...first,
      start: NOON + HOUR,
      updatedAt: scheduledAt + HOUR,
      reason: 'later',
      revision: 1,
    } as const;
    const updatedAt = scheduledAt + 2 * HOUR;
    return [
      { ...first, state: 'scheduled' },
      { ...second, state: 'scheduled' },
      { ...second, state: 'cancelled', updatedAt, cancelledBy: 'client', reason: 'ill', revision: 2 },
    ];
  },
);

function history() {
  return createHistoryQueries(world.pool, sessions.name);
}

function list(filter: SessionFilter, asOf: AsOf, after?: SessionRow, limit = 100) {
  return history().list(filter, asOf, after && { time: after.start, id: after.id }, limit);
}

test.each<[string, AsOf, SessionRow | undefined]>([
  ['a millisecond before its booking', { time: scheduledAt - 1 }, undefined],
  ['when it was booked', { time: scheduledAt }, left[0]],
  ['a millisecond before a change', { time: scheduledAt + HOUR - 1 }, left[0]],
  ['when it was changed', { time: scheduledAt + HOUR }, left[1]],
  ['later than its last change', { time: NOON + 1_000 * HOUR }, left[2]],
  ['at the revision of its booking', { revision: 0 }, left[0]],
  ['at the revision of a change', { revision: 1 }, left[1]],
  ['at a revision to come', { revision: Number.MAX_SAFE_INTEGER }, left[2]],
])('a session is answered as it was: %s', async (_, asOf, expected) => {
  await given(...lifeOf(booked));
  expect(await history().get(booked.sessionId, asOf)).toEqual(expected);
  expect(await list({ coachHashId: 'ann' }, asOf)).toEqual(expected ? [expected] : []);
  expect(await history().get(randomUUID(), asOf)).toBeUndefined();
});

test('the filters of a list apply to sessions as they were', async () => {
  await given(...lifeOf(booked));
  const [first, second, third] = left;
  const then = { time: scheduledAt };
  const now = { time: NOON };
  expect(await list({ clientHashId: 'bob', states: ['scheduled'] }, then)).toEqual([first]);
  expect(await list({ clientHashId: 'bob', states: ['scheduled'] }, now)).toEqual([]);
  expect(await list({ clientHashId: 'bob', states: ['cancelled'] }, now)).toEqual([third]);
  expect(await list({ coachHashId: 'ann', to: NOON + HOUR }, { revision: 0 })).toEqual([first]);
  expect(await list({ coachHashId: 'ann', to: NOON + HOUR }, { revision: 1 })).toEqual([]);
  expect(await list({ coachHashId: 'ann', from: NOON + HOUR }, { revision: 0 })).toEqual([]);
  expect(await list({ coachHashId: 'ann', from: NOON + HOUR }, { revision: 1 })).toEqual([second]);
  expect(await list({ coachHashId: 'ann', clientHashId: 'nobody' }, now)).toEqual([]);
});

test('a list of the past is ordered by the starts at that time, page after page', async () => {
  const lives = Array.from({ length: 10 }, (_, n) => lifeOf(scheduled({ scheduledAt, start: NOON + (n % 3) * HOUR })));
  // Half of them are moved: they begin when others do.
  await given(...lives.map(([first]) => first), ...lives.slice(5).map(([, second]) => second));
  const asOf = { time: scheduledAt + HOUR };
  const whole = await list({ coachHashId: 'ann' }, asOf);
  expect(whole).toHaveLength(10);
  expect(whole).toEqual(whole.toSorted((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1)));

  const paged: SessionRow[] = [];
  for (let page = await list({ coachHashId: 'ann' }, asOf, undefined, 3); page.length > 0; ) {
    paged.push(...page);
    page = await list({ coachHashId: 'ann' }, asOf, paged.at(-1), 3);
  }
  expect(paged).toEqual(whole);
});

test('the changes of a session come in order, a page at a time', async () => {
  await given(scheduled(), ...lifeOf(booked), scheduled());
  const { changes } = history();
  const all = await changes(booked.sessionId, undefined, 10);
  expect(all.map(({ type, session }) => [type, session.revision])).toEqual([
    ['SessionScheduled', 1],
    ['SessionRescheduled', 2],
    ['SessionCancelled', 3],
  ]);
  expect(await changes(booked.sessionId, undefined, 1)).toEqual(all.slice(0, 1));
  expect(await changes(booked.sessionId, 1, 10)).toEqual(all.slice(1));
  expect(await changes(booked.sessionId, 3, 10)).toEqual([]);
  expect(await changes(randomUUID(), undefined, 10)).toEqual([]);
});

test('a change says what happened, who asked for it, and how it left the session', async () => {
  await given(booked);
  await world.pool.query(
    "update read_model.session_history set actor = 'desk', request_id = 'r', correlation_id = 'c'",
  );
  expect(await history().changes(booked.sessionId, undefined, 10)).toEqual([
    {
      type: 'SessionScheduled',
      actor: 'desk',
      requestId: 'r',
      correlationId: 'c',
      revision: 0,
      decidedAt: scheduledAt,
      position: 1n,
      session: left[0],
    },
  ]);
});

describe('a reminder', () => {
  const remindedAt = scheduledAt + 90 * 60_000;
  const [first, moved, calledOff] = lifeOf(booked);
  const { type: _, ...session } = { ...booked, start: booked.start + HOUR };
  const reminder: CoachEvent = {
    type: 'SessionReminderDue',
    ...session,
    offsetMinutes: 1350,
    remindedAt,
    updatedAt: scheduledAt + HOUR,
    reason: 'later',
    sessionRevision: 1,
  };

  test('is among the changes, with the session as it was before', async () => {
    await given(first, moved, reminder, calledOff);
    const changes = await history().changes(booked.sessionId, 1, 10);
    expect(changes).toMatchObject([
      { type: 'SessionReminderDue', revision: 2, decidedAt: remindedAt, offsetMinutes: 1350 },
      { type: 'SessionCancelled', revision: 3, decidedAt: scheduledAt + 2 * HOUR, reason: 'ill' },
    ]);
    expect(changes[0]?.reason).toBeUndefined();
    expect(changes[0]?.session).toEqual(left[1]);
  });

  test.each<[string, AsOf]>([
    ['when it was told', { time: remindedAt }],
    ['at its revision', { revision: 2 }],
  ])('is passed over in the past: %s', async (_, asOf) => {
    await given(first, moved, reminder, calledOff);
    expect(await history().get(booked.sessionId, asOf)).toEqual(left[1]);
    expect(await list({ coachHashId: 'ann' }, asOf)).toEqual([left[1]]);
  });
});

test('a history that an older version left incomplete is refused', async () => {
  await given(booked);
  const older = 'insert into read_model.checkpoints (projection, position) values ($1, 1)';
  await world.pool.query(older, [sessions.name]);
  const { get, changes } = history();
  await expect(get(booked.sessionId, { time: NOON })).rejects.toThrow(ReadModelUnavailable);
  await expect(list({ coachHashId: 'ann' }, { time: NOON })).rejects.toThrow(ReadModelUnavailable);
  await expect(changes(booked.sessionId, undefined, 10)).rejects.toThrow(ReadModelUnavailable);
});

test('says that the read model is unavailable while Postgres is', async () => {
  const pool = createPool('postgres://127.0.0.1:1/nowhere', { max: 1, applicationName: 'test', log: silent });
  onTestFinished(() => pool.end());
  const { changes } = createHistoryQueries(pool, sessions.name);
  await expect(changes(randomUUID(), undefined, 1)).rejects.toThrow(ReadModelUnavailable);
});
