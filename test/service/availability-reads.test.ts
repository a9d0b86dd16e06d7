import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

interface Version {
  readonly etag: string;
  readonly updated_at: string;
}

interface TimeOff {
  readonly id: string;
}

interface Answer {
  readonly status: number;
  readonly etag?: string;
  readonly availability?: Version;
  readonly booking_policy?: Version;
  /** One of them, or a page. */
  readonly time_off?: TimeOff | readonly TimeOff[];
  readonly next_page_token?: string;
  readonly errors?: readonly { readonly field: string; readonly description: string }[];
}

async function call(path: string, method = 'GET', body?: object): Promise<Answer> {
  const answered = await fetch(`${service.httpUrl}/api/v1/coaches/${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const etag = answered.headers.get('etag') ?? undefined;
  return { status: answered.status, ...(etag && { etag }), ...((await answered.json()) as object) };
}

let coaches = 0;
function newCoach(): string {
  coaches += 1;
  return `coach-${coaches}`;
}

const hours = {
  time_zone: 'Europe/Zurich',
  weekly: [{ days: ['MONDAY', 'TUESDAY'], from: '09:00', to: '12:00' }],
  dates: [{ date: '2030-12-24', hours: [{ from: '22:00', to: '24:00' }] }],
};

test('the availability of a coach is answered as the command that set it answered', async () => {
  const coach = newCoach();
  expect((await call(`${coach}/availability`)).status).toBe(404);
  const { availability } = await call(`${coach}/availability`, 'PUT', { availability: hours });
  expect(availability).toMatchObject(hours);
  expect(await call(`${coach}/availability`)).toMatchObject({ status: 200, etag: '"0"', availability });

  await call(`${coach}/availability`, 'DELETE');
  expect((await call(`${coach}/availability`)).status).toBe(404);
});

test('the availability of a coach is answered as it was, by revision and by time', async () => {
  const coach = newCoach();
  const set = await call(`${coach}/availability`, 'PUT', { availability: hours });
  await call(`${coach}/availability`, 'DELETE');
  const reset = await call(`${coach}/availability`, 'PUT', { availability: { ...hours, dates: [] } });
  const at = (asOf: string) => call(`${coach}/availability?${asOf}`);
  expect((await at('as_of_revision=0')).availability).toEqual(set.availability);
  expect((await at('as_of_revision=1')).status).toBe(404);
  expect((await at('as_of_revision=2')).availability).toEqual(reset.availability);
  expect((await at(`as_of=${reset.availability!.updated_at}`)).availability).toEqual(reset.availability);
  expect((await at('as_of=9999-12-31T23:59:59Z')).availability).toEqual(reset.availability);
  expect((await at('as_of=2020-01-01T00:00:00Z')).status).toBe(404);
});

test('the booking policy of a coach is answered as the command that set it answered', async () => {
  const coach = newCoach();
  expect((await call(`${coach}/bookingPolicy`)).status).toBe(404);
  const policy = { gap_before: 15, gap_after: 0, horizon_days: 60, durations: [30, 60], time_zone: 'Europe/Zurich' };
  const { booking_policy } = await call(`${coach}/bookingPolicy`, 'PUT', { booking_policy: policy });
  expect(booking_policy).toMatchObject(policy);
  expect(await call(`${coach}/bookingPolicy`)).toMatchObject({ status: 200, etag: '"0"', booking_policy });

  await call(`${coach}/bookingPolicy`, 'DELETE');
  expect((await call(`${coach}/bookingPolicy`)).status).toBe(404);
});

test('a time off is answered as the command that added it answered, and to its coach only', async () => {
  const coach = newCoach();
  const given = { start: '2030-04-01T09:00:00Z', end: '2030-04-01T10:00:00Z', reason: 'a dentist', source: 'mail' };
  const { time_off } = await call(`${coach}/timeOff`, 'POST', { time_off: given });
  expect(time_off).toMatchObject({ ...given, coach_hash_id: coach });
  const { id } = time_off as TimeOff;
  expect(await call(`${coach}/timeOff/${id.toUpperCase()}`)).toMatchObject({ status: 200, time_off });
  expect((await call(`${newCoach()}/timeOff/${id}`)).status).toBe(404);

  await call(`${coach}/timeOff/${id}`, 'DELETE');
  expect((await call(`${coach}/timeOff/${id}`)).status).toBe(404);
});

test('the time off of a coach is listed in order of start, page by page', async () => {
  const coach = newCoach();
  const add = async (time_off: object) => (await call(`${coach}/timeOff`, 'POST', { time_off })).time_off as TimeOff;
  const dates = await add({ first_date: '2030-04-02', last_date: '2030-04-03', source: 'mail' });
  const times = await add({ start: '2030-04-01T09:00:00Z', end: '2030-04-01T10:00:00Z' });
  const list = `${coach}/timeOff`;
  expect((await call(list)).time_off).toEqual([times, dates]);
  expect((await call(`${list}?source=mail`)).time_off).toEqual([dates]);
  expect((await call(`${list}?to=2030-04-01T00:00:00.000001Z`)).time_off).toEqual([dates]);
  expect((await call(`${list}?from=2030-04-01T10:00:00Z`)).time_off).toEqual([dates]);

  const first = await call(`${list}?page_size=1`);
  expect(first.time_off).toEqual([times]);
  const next = `${list}?page_size=1&page_token=${first.next_page_token}`;
  expect(await call(next)).toMatchObject({ time_off: [dates], next_page_token: '' });
  expect((await call(`${next}&source=mail`)).status).toBe(400);
});

const time = '2030-01-07T09:00:00Z';

test.each([
  ['a%20b/availability', 'coach_hash_id', 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -'],
  ['ann/availability?as_of_revision=-1', 'as_of_revision', 'must be 0 to 9007199254740991'],
  [`ann/availability?as_of=${time}&as_of_revision=0`, 'as_of_revision', 'must be absent when as_of is given'],
  ['ann/availability?consistency_token=x', 'consistency_token', 'must be a token that this service gave'],
  ['a%20b/bookingPolicy', 'coach_hash_id', 'must be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | = + / -'],
  ['ann/timeOff/x', 'id', 'must be a UUID'],
  ['ann/timeOff?page_size=-1', 'page_size', 'must be 1 or more, or 0 for the default'],
  ['ann/timeOff?source=%C3%A4', 'source', 'must be at most 128 printable ASCII characters'],
  [`ann/timeOff?from=${time}&to=2030-01-01T00:00:00Z`, 'from', 'must not be after to'],
])('%s is refused: %s %s', async (path, field, description) => {
  expect(await call(path)).toMatchObject({ status: 400, errors: [{ field, description }] });
});
