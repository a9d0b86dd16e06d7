import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHoldQueries } from '../../projections/holds/hold-queries.js';
import { createSessionQueries } from '../../projections/sessions/session-queries.js';
import { sessionsTable } from '../../projections/sessions/sessions-table.js';
import type { HoldQueries, SessionRow } from '../../src/application/read-model.js';
import { MAX_BYTES } from '../../src/calendars/read/calendar-reader.js';
import { CalendarService } from '../../src/gen/aceup/scheduler/v1/calendar_service_pb.js';
import type { Scope } from '../../src/handlers/access/scope.js';
import { ANYBODY } from '../../src/handlers/access/scope.js';
import { type CalendarParts, getCalendarHandler, MAX_EVENTS } from '../../src/handlers/calendar/get-calendar.js';
import type { Call } from '../../src/handlers/call.js';
import { createTurns } from '../../src/handlers/request/turns.js';
import { readBack } from '../calendars/written.js';
import { NOON, openWorld, project, putRows, READER, recorded, sessionRow, type World } from '../projections/support.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const MIDNIGHT = NOON - (NOON % DAY);
const { getCalendar } = CalendarService.method;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.pool.query('truncate read_model.sessions, read_model.holds'));

function given(...rows: readonly SessionRow[]): Promise<void> {
  const whole = rows.map((row) => ({ ...row, reservationId: undefined, reminders: undefined }));
  return putRows(world.pool, sessionsTable, ...whole);
}

/** Holds half an hour of ann for bob, until a time. */
async function held(id: string, expiresAt: number): Promise<void> {
  const slot = { coachHashId: 'ann', clientHashId: 'bob', start: NOON + DAY, duration: 30 };
  const hold = { holdId: id, ...slot, reservationId: undefined, heldAt: NOON - 9 * MINUTE, expiresAt };
  await project(world.pool, ...recorded({ type: 'SlotHeld', ...hold, ignoredPolicy: undefined }));
}

interface Asked {
  readonly coachHashId?: string;
  readonly clientHashId?: string;
  readonly key?: string;
}

const ANN: Asked = { coachHashId: 'ann' };

async function calendarOf(asked: Asked, now = NOON, parts: Partial<CalendarParts> = {}, scope: Scope = ANYBODY) {
  const handler = getCalendarHandler({
    sessions: createSessionQueries(world.pool),
    holds: createHoldQueries(world.pool),
    reads: { waitForNow: async () => {} },
    turns: createTurns(),
    now: () => now,
    checkKey: () => Promise.reject(new Error('no key was expected')),
    ...parts,
  });
  const { calendar = '', etag } = await handler(create(getCalendar.input, asked), { ...READER, scope } as Call);
  return { calendar, etag, events: readBack(calendar) };
}

const uidsOf = async (...args: Parameters<typeof calendarOf>) =>
  (await calendarOf(...args)).events.map(({ uid }) => uid);

describe('which sessions are in a calendar:', () => {
  test('those of the coach, in order of start, whatever became of them', async () => {
    const [late, early] = [sessionRow({ start: NOON + DAY }), sessionRow({ start: NOON - DAY, state: 'completed' })];
    const absent = sessionRow({ state: 'no_show', absent: 'client' });
    await given(late, early, absent, sessionRow({ coachHashId: 'eve' }));
    const { events } = await calendarOf(ANN);
    expect(events.map(({ uid }) => uid)).toEqual([early.id, absent.id, late.id]);
    expect(new Set(events.map(({ status }) => status))).toEqual(new Set(['CONFIRMED']));
  });

  test('those that end after the midnight UTC 90 days ago, at whatever time of the day one asks', async () => {
    const from = MIDNIGHT - 90 * DAY;
    const [over, lasting] = [0, 1].map((ms) => sessionRow({ start: from - 60 * MINUTE + ms }));
    await given(over!, lasting!);
    expect(await uidsOf(ANN, MIDNIGHT)).toEqual([lasting!.id]);
    expect(await uidsOf(ANN, MIDNIGHT + DAY - 1)).toEqual([lasting!.id]);
    expect(await uidsOf(ANN, MIDNIGHT + DAY)).toEqual([]);
  });

  test('cancelled ones for 30 days, to midnight UTC, wherever they would have been', async () => {
    const cancelled = { state: 'cancelled', cancelledBy: 'client', start: NOON + 300 * DAY } as const;
    const [old, recent] = [1, 0].map((ms) => sessionRow({ ...cancelled, updatedAt: MIDNIGHT - 30 * DAY - ms }));
    await given(old!, recent!);
    const { events } = await calendarOf(ANN);
    expect(events).toMatchObject([
      { uid: recent!.id, status: 'CANCELLED', transp: 'TRANSPARENT', summary: 'Cancelled: Session with bob' },
    ]);
    expect(await uidsOf(ANN, MIDNIGHT + DAY)).toEqual([]);
  });

  test(`not more than ${MAX_EVENTS}: those that begin last are left out`, async () => {
    const rows = Array.from({ length: MAX_EVENTS + 2 }, (_, nr) =>
      sessionRow({ start: NOON + nr * MINUTE, duration: 1 }),
    );
    await given(...rows);
    await held(randomUUID(), NOON + 1);
    const uids = await uidsOf(ANN);
    expect(uids).toHaveLength(MAX_EVENTS);
    expect(uids.slice(1)).toEqual(rows.slice(0, MAX_EVENTS - 1).map(({ id }) => id));
  });

  test('and so not more than 1 MiB, which SyncTimeOff takes', async () => {
    const clientHashId = 'c'.repeat(128);
    const longest = { clientHashId, state: 'cancelled', cancelledBy: 'client', revision: 2 ** 31 - 1 } as const;
    const rows = Array.from({ length: MAX_EVENTS }, (_, nr) =>
      sessionRow({ ...longest, start: NOON + nr, updatedAt: NOON }),
    );
    await given(...rows);
    const { calendar, events } = await calendarOf(ANN);
    expect(events).toHaveLength(MAX_EVENTS);
    expect(Buffer.byteLength(calendar)).toBeLessThan(MAX_BYTES);
  });

  test('a long past does not make a calendar longer', async () => {
    const past = Array.from({ length: 500 }, (_, nr) => sessionRow({ start: NOON - (91 + nr) * DAY }));
    const present = sessionRow();
    await given(present, ...past);
    expect(await uidsOf(ANN)).toEqual([present.id]);
  });
});

describe('what a calendar says of a session', () => {
  test('its times, its version and when it changed', async () => {
    const updatedAt = NOON - 5 * MINUTE;
    const session = sessionRow({ revision: 41, duration: 45, scheduledAt: NOON - DAY, updatedAt });
    await given(session);
    expect((await calendarOf(ANN)).events).toEqual([
      {
        uid: session.id,
        sequence: 41,
        status: 'CONFIRMED',
        transp: 'OPAQUE',
        start: NOON,
        end: NOON + 45 * MINUTE,
        summary: 'Session with bob',
        stamp: updatedAt,
        created: NOON - DAY,
        modified: updatedAt,
      },
    ]);
  });

  test('never why it was changed', async () => {
    await given(sessionRow({ state: 'cancelled', cancelledBy: 'client', reason: 'ill', updatedAt: NOON }));
    expect((await calendarOf(ANN)).calendar).not.toContain('ill');
  });

  test('to a client, nothing of other clients', async () => {
    await given(sessionRow({ clientHashId: 'cat' }), sessionRow({ start: NOON + DAY }));
    const { calendar, events } = await calendarOf({ clientHashId: 'bob' });
    expect(events.map(({ summary }) => summary)).toEqual(['Session with ann']);
    expect(calendar).not.toContain('cat');
  });
});

describe('a hold', () => {
  const id = randomUUID();
  const client: Asked = { clientHashId: 'bob' };

  test('is tentative in the calendar of its coach while it is open', async () => {
    await held(id, NOON + 1);
    expect((await calendarOf(ANN)).events).toMatchObject([
      { uid: id, sequence: 0, status: 'TENTATIVE', transp: 'OPAQUE', start: NOON + DAY, summary: 'Held for bob' },
    ]);
    expect(await uidsOf(ANN, NOON + 1)).toEqual([]);
  });

  test('is not in the calendar of its client', async () => {
    await held(id, NOON + 1);
    expect(await uidsOf(client)).toEqual([]);
  });

  test('that is confirmed while the calendar is read is there once: as a session', async () => {
    await held(id, NOON + 1);
    const queries = createHoldQueries(world.pool);
    const holds: HoldQueries = {
      ...queries,
      async list(...asked) {
        const found = await queries.list(...asked);
        await given(sessionRow({ id, revision: 1 }));
        return found;
      },
    };
    expect((await calendarOf(ANN, NOON, { holds })).events).toMatchObject([
      { uid: id, status: 'CONFIRMED', sequence: 1 },
    ]);
  });
});

describe('the same state', () => {
  test('is the same text, with the same etag, all day long', async () => {
    await given(sessionRow(), sessionRow({ start: NOON + DAY }));
    const { calendar, etag } = await calendarOf(ANN, MIDNIGHT);
    expect(await calendarOf(ANN, MIDNIGHT + DAY - 1)).toMatchObject({ calendar, etag });
  });

  test('has another etag after a change', async () => {
    const session = sessionRow();
    await given(session);
    const { etag } = await calendarOf(ANN);
    await given({ ...session, revision: 1, duration: 61 });
    expect((await calendarOf(ANN)).etag).not.toBe(etag);
  });

  test('is the text of the golden file', async () => {
    const session = (nr: number, row: Partial<SessionRow>) =>
      sessionRow({ id: `01847b6a-5d00-7000-8000-00000000000${nr}`, ...row });
    await given(
      session(1, {
        state: 'completed',
        start: NOON - 7 * DAY,
        revision: 4,
        scheduledAt: NOON - 9 * DAY,
        updatedAt: NOON - 6 * DAY,
      }),
      session(2, { clientHashId: `https://login.example/${'0123456789'.repeat(8)}`, duration: 1440, revision: 2 }),
      session(3, { start: NOON + DAY, revision: 9, state: 'cancelled', cancelledBy: 'coach', updatedAt: NOON }),
    );
    await held('01847b6a-5d00-7000-8000-000000000004', NOON + 1);
    const golden = readFileSync(new URL('../calendars/golden/coach.ics', import.meta.url), 'utf8');
    expect((await calendarOf(ANN)).calendar).toBe(golden);
  });
});

describe('who gets a calendar', () => {
  const scope = { anybody: false, coachHashId: 'ann', clientHashId: undefined };

  test('whose it is', async () => {
    expect(await uidsOf(ANN, NOON, {}, scope)).toEqual([]);
  });

  test('not a coach that of a client', async () => {
    await expect(calendarOf({ clientHashId: 'ann' }, NOON, {}, scope)).rejects.toMatchObject({
      code: Code.PermissionDenied,
    });
  });

  test('whoever has a key to it, whatever else the call may touch', async () => {
    const asked: unknown[] = [];
    const checkKey: CalendarParts['checkKey'] = async (...args) => void asked.push(args);
    await calendarOf({ clientHashId: 'bob', key: 'secret' }, NOON, { checkKey }, scope);
    expect(asked).toEqual([['secret', { clientHashId: 'bob' }]]);
  });

  test('nobody with another key', async () => {
    const checkKey = () => Promise.reject(new Error('no such link'));
    await expect(calendarOf({ ...ANN, key: 'other' }, NOON, { checkKey })).rejects.toThrow('no such link');
  });
});

test('a long calendar is written in turns, so that others are served meanwhile', async () => {
  await given(...Array.from({ length: 1_001 }, (_, nr) => sessionRow({ start: NOON + nr * MINUTE, duration: 1 })));
  const turns = createTurns();
  const eventsInTurn: number[] = [];
  const counted: CalendarParts['turns'] = {
    async take(call, work) {
      const text = await turns.take(call, work);
      eventsInTurn.push(`${text}`.split('BEGIN:VEVENT').length - 1);
      return text;
    },
  };
  await calendarOf(ANN, NOON, { turns: counted });
  expect(eventsInTurn).toEqual([250, 250, 250, 250, 1]);
});
