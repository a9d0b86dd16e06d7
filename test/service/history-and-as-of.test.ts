import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Session {
  readonly id: string;
  readonly start: string;
  readonly state: string;
  readonly updated_at: string;
}

interface Change {
  readonly type: string;
  readonly at: string;
  readonly revision: string;
  readonly session: Session;
}

interface Answer {
  readonly status: number;
  readonly session?: Session;
  readonly sessions?: readonly Session[];
  readonly changes?: readonly Change[];
  readonly next_page_token?: string;
  readonly consistency_token?: string;
  readonly errors?: readonly { readonly field: string; readonly description: string }[];
}

async function call(path: string, init?: RequestInit): Promise<Answer> {
  const answered = await fetch(`${service.httpUrl}/api/v1/${path}`, init);
  return { status: answered.status, ...((await answered.json()) as Omit<Answer, 'status'>) };
}

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** The status of the answer to a caller at an address. */
async function statusFrom(localAddress: string, path: string): Promise<number> {
  const asked = request(`${service.httpUrl}/api/v1/${path}`, { localAddress }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode!;
}

let coaches = 0;

/** A session that was booked, moved by the front desk and called off by its client. */
async function aLife() {
  coaches += 1;
  const coach = `coach-${coaches}`;
  const booking = { coach_hash_id: coach, client_hash_id: coach, start: '2030-01-07T09:00:00Z', duration: 60 };
  const booked = await post('sessions', { session: booking });
  const id = booked.session!.id;
  const moved = await post(
    `sessions/${id}:reschedule`,
    { start: '2030-01-07T10:00:00Z', reason: 'a dentist' },
    { 'x-actor': 'desk', 'idempotency-key': `move-${id}`, 'x-correlation-id': `call-${id}` },
  );
  const cancelled = await post(`sessions/${id}:cancel`, { cancelled_by: 'PARTY_CLIENT', reason: 'ill' });
  return { coach, id, states: [booked, moved, cancelled].map(({ session }) => session!) };
}

test('reads of the past take no connection from reads of the present, nor the last one from other callers', async () => {
  const { coach, id } = await aLife();
  const before = await call(`sessions/${id}`);
  const holder = new pg.Client({ connectionString: service.databaseUrl });
  holder.on('error', () => {});
  onTestFinished(() => holder.end());
  await holder.connect();
  await holder.query('begin; lock table read_model.session_history');

  const past = `sessions?coach_hash_id=${coach}&as_of=2030-01-01T00:00:00Z`;
  const pasts = Array.from({ length: 40 }, async () => (await call(past)).status);
  const waiting =
    "select from pg_stat_activity where application_name = 'read model, long reads' and wait_event_type = 'Lock'";
  const waitingNow = async () => {
    // A transaction sees the activity as it was at its first look.
    await holder.query('select pg_stat_clear_snapshot()');
    return (await holder.query(waiting)).rowCount;
  };
  await expect.poll(waitingNow).toBe(3);
  pasts.push(statusFrom('127.0.0.2', past));
  await expect.poll(waitingNow).toBe(4);
  expect(await call(`sessions/${id}`)).toEqual(before);
  expect((await call(`sessions?coach_hash_id=${coach}`)).sessions).toHaveLength(1);
  // All of them still wait.
  expect(await waitingNow()).toBe(4);

  await holder.query('rollback');
  expect(new Set(await Promise.all(pasts))).toEqual(new Set([200]));
});

test('the history of a session has every change: who asked for it, why, and how it left the session', async () => {
  const { id, states } = await aLife();
  const { changes = [] } = await call(`sessions/${id}/history`);
  expect(changes.map(({ type, revision, session }) => ({ type, revision, session }))).toEqual([
    { type: 'SessionScheduled', revision: '0', session: states[0] },
    { type: 'SessionRescheduled', revision: '1', session: states[1] },
    { type: 'SessionCancelled', revision: '2', session: states[2] },
  ]);
  expect(changes[1]).toMatchObject({
    at: states[1]!.updated_at,
    actor: 'desk',
    reason: 'a dentist',
    request_id: `move-${id}`,
    correlation_id: `call-${id}`,
  });
});

test('a history comes in pages, whose token is good for the same session only', async () => {
  const { id } = await aLife();
  const { changes: all = [] } = await call(`sessions/${id}/history`);
  const first = await call(`sessions/${id}/history?page_size=2`);
  expect(first.changes).toEqual(all.slice(0, 2));
  const second = await call(`sessions/${id}/history?page_size=2&page_token=${first.next_page_token}`);
  expect(second.changes).toEqual(all.slice(2));
  expect(second.next_page_token).toBeFalsy();

  const other = await aLife();
  expect(await call(`sessions/${other.id}/history?page_token=${first.next_page_token}`)).toMatchObject({
    status: 400,
    errors: [{ field: 'page_token', description: 'is from a request with other arguments' }],
  });
  expect(await call(`sessions/${id}/history?page_token=bm9uZQ`)).toMatchObject({
    status: 400,
    errors: [{ field: 'page_token', description: 'must be a next_page_token that this service gave' }],
  });
});

test('a session is answered as it was, by revision and by time', async () => {
  const { id, states } = await aLife();
  for (const [revision, state] of states.entries()) {
    expect((await call(`sessions/${id}?as_of_revision=${revision}`)).session).toEqual(state);
  }
  expect((await call(`sessions/${id}?as_of=${states[2]!.updated_at}`)).session).toEqual(states[2]);
  expect((await call(`sessions/${id}?as_of=9999-12-31T23:59:59Z`)).session).toEqual(states[2]);
  expect((await call(`sessions/${id}?as_of=2020-01-01T00:00:00Z`)).status).toBe(404);
});

test('a list is answered as it was, page by page, and as of now as it is', async () => {
  const { coach, states } = await aLife();
  const booking = { coach_hash_id: coach, client_hash_id: 'other', start: '2030-01-07T11:00:00Z', duration: 60 };
  const later = await post('sessions', { session: booking });
  const at = (revision: number) => call(`sessions?coach_hash_id=${coach}&as_of_revision=${revision}`);
  expect((await at(0)).sessions).toEqual([states[0]]);
  expect((await at(1)).sessions).toEqual([states[1]]);

  const now = await call(`sessions?coach_hash_id=${coach}`);
  expect(now.sessions).toEqual([states[2], later.session]);
  expect((await at(3)).sessions).toEqual(now.sessions);
  expect((await call(`sessions?coach_hash_id=${coach}&as_of=${new Date().toISOString()}`)).sessions).toEqual(
    now.sessions,
  );
  const first = await call(`sessions?coach_hash_id=${coach}&as_of_revision=3&page_size=1`);
  expect(first.sessions).toEqual([states[2]]);
  const second = `sessions?coach_hash_id=${coach}&page_token=${first.next_page_token}`;
  expect((await call(`${second}&as_of_revision=3`)).sessions).toEqual([later.session]);
  expect((await call(`${second}&as_of_revision=2`)).status).toBe(400);
  expect((await call(second)).status).toBe(400);
});

const id = '01890000-0000-7000-8000-000000000001';
const time = '2030-01-07T09:00:00Z';

test.each([
  ['sessions/x/history', 'id', 'must be a UUID'],
  [`sessions/${id}/history?page_size=-1`, 'page_size', 'must be 1 or more, or 0 for the default'],
  [`sessions/${id}?as_of_revision=-1`, 'as_of_revision', 'must be 0 to 9007199254740991'],
  [`sessions/${id}?as_of_revision=9007199254740992`, 'as_of_revision', 'must be 0 to 9007199254740991'],
  [`sessions/${id}?as_of=${time}&as_of_revision=0`, 'as_of_revision', 'must be absent when as_of is given'],
  [`sessions?as_of=${time}`, 'as_of', 'needs coach_hash_id or client_hash_id'],
  ['sessions?client_hash_id=bob&as_of_revision=0', 'as_of_revision', 'needs coach_hash_id'],
  [`sessions?coach_hash_id=ann&as_of=${time}&as_of_revision=0`, 'as_of_revision', 'must be absent when as_of is given'],
  ['sessions?series_id=x', 'series_id', 'must be a UUID'],
])('%s is refused: %s %s', async (path, field, description) => {
  expect(await call(path)).toMatchObject({ status: 400, errors: [{ field, description }] });
});

test.each([`sessions/${id}/history`, `sessions/${id}?as_of=${time}`, `sessions/${id}?as_of_revision=0`, `holds/${id}`])(
  '%s is answered 404',
  async (path) => {
    expect((await call(path)).status).toBe(404);
  },
);

test('a hold is answered as soon as it is there', async () => {
  const hold = { coach_hash_id: 'holder', client_hash_id: 'bob', start: time, duration: 60 };
  const held = await post('holds', { hold });
  expect(held.status).toBe(201);
  const { hold: made } = held as unknown as { hold: Session };
  expect(await call(`holds/${made.id}`)).toEqual({ status: 200, hold: made });
});
