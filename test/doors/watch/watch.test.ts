import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BadRequestSchema } from '../../../src/gen/google/rpc/error_details_pb.js';
import { startTestService, type TestService } from '../../support/service.js';
import { book, send, WATCHES, type Watching } from './watching.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service?.stop());

const newCoach = () => `coach-${randomUUID()}`;
const getSession = async (id: unknown) =>
  ((await (await fetch(`${service.httpUrl}/api/v1/sessions/${id}`)).json()) as JsonObject)['session'];

describe.each(WATCHES)('through %s', (_, open) => {
  async function watch(request: JsonObject): Promise<Watching> {
    const watching = await open(service)(request);
    onTestFinished(watching.stop);
    return watching;
  }

  /** The fields at fault, as the door says them. */
  async function fieldsAtFault(request: JsonObject): Promise<string[]> {
    const error = await watch(request)
      .then((watching) => watching.next())
      .then(
        () => expect.fail('the stream began'),
        (thrown) => thrown,
      );
    if (error.problem) return error.problem.errors.map(({ field }: { field: string }) => field);
    const { code } = ConnectError.from(error);
    expect(code).toBe(Code.InvalidArgument);
    return error.findDetails(BadRequestSchema)[0].fieldViolations.map(({ field }: { field: string }) => field);
  }

  test('a watcher is told what happens from now on, as reads have it already', async () => {
    const coach_hash_id = newCoach();
    await book(service.httpUrl, coach_hash_id);
    // The feed may be behind what was just acknowledged.
    const earlier = await watch({ coach_hash_id, after_position: '0' });
    await earlier.nextChange();

    const watching = await watch({ coach_hash_id });
    const first = await watching.next();
    expect(first).toEqual({ position: expect.stringMatching(/^[1-9]\d*$/) });
    const booked = await book(service.httpUrl, coach_hash_id);
    const change = await watching.nextChange();
    expect(change).toMatchObject({
      type: 'SessionScheduled',
      coach_hash_id,
      revision: '1',
      session: { id: booked['id'] },
    });
    expect(await getSession(booked['id'])).toEqual(change['session']);

    await send(service.httpUrl, `sessions/${booked['id']}:cancel`, { cancelled_by: 'PARTY_COACH', reason: 'ill' });
    const cancelled = await watching.nextChange();
    expect(cancelled).toMatchObject({
      type: 'SessionCancelled',
      reason: 'ill',
      session: { state: 'SESSION_STATE_CANCELLED', reason: 'ill' },
    });
    expect(BigInt(cancelled['position'] as string)).toBeGreaterThan(BigInt(change['position'] as string));
    expect(await getSession(booked['id'])).toEqual(cancelled['session']);
  });

  test('a watcher goes on after a position, and is told what the history has', async () => {
    const coach_hash_id = newCoach();
    const { id } = await book(service.httpUrl, coach_hash_id);
    for (const duration of [30, 45]) await send(service.httpUrl, `sessions/${id}:reschedule`, { duration });
    const first = await (await watch({ coach_hash_id, after_position: '0' })).nextChange();

    const watching = await watch({ coach_hash_id, after_position: first['position'] as string });
    expect(await watching.next()).toEqual({ position: first['position'] });
    const rest = [await watching.nextChange(), await watching.nextChange()];
    expect(rest.map(({ session }) => (session as JsonObject)['duration'])).toEqual([30, 45]);

    const answer = await fetch(`${service.httpUrl}/api/v1/sessions/${id}/history`);
    const { changes } = (await answer.json()) as { changes: JsonObject[] };
    expect(changes.map(({ position }) => position)).toEqual([first, ...rest].map(({ position }) => position));
    expect(rest[1]).toMatchObject(changes[2]!);
  });

  test('the present state comes first, and then what happens', async () => {
    const coach_hash_id = newCoach();
    const ids = [
      (await book(service.httpUrl, coach_hash_id))['id'],
      (await book(service.httpUrl, coach_hash_id))['id'],
    ];
    await expect.poll(() => getSession(ids[1])).toBeTruthy();
    const watching = await watch({ coach_hash_id, include_present: true });
    const present = [await watching.next(), await watching.next()];
    expect(present.map(({ session }) => session?.['id'])).toEqual(ids);
    expect(present.map(({ position }) => position)).toEqual(['0', '0']);
    expect((await watching.next()).position).not.toBe('0');
    const { id } = await book(service.httpUrl, coach_hash_id);
    for (;;) {
      const { session } = await watching.nextChange();
      if ((session as JsonObject)['id'] === id) break;
    }
  });

  test('filters: a client, types', async () => {
    const coach_hash_id = newCoach();
    const client_hash_id = `client-${randomUUID()}`;
    const all = [
      'SessionScheduled',
      'SlotHeld',
      'HoldReleased',
      'AvailabilitySet',
      'AvailabilityDeleted',
      'TimeOffAdded',
    ];
    const ofClient = await watch({ client_hash_id });
    const ofTypes = await watch({ coach_hash_id, types: all });
    const ofSessions = await watch({ coach_hash_id });
    for (const watching of [ofClient, ofTypes, ofSessions]) await watching.next();

    const hours = { time_zone: 'UTC', weekly: [{ days: ['TUESDAY'], from: '00:00', to: '24:00' }] };
    await send(service.httpUrl, `coaches/${coach_hash_id}/availability`, { availability: hours }, 'PUT');
    const off = { time_off: { first_date: '2031-07-15', last_date: '2031-07-26' } };
    await send(service.httpUrl, `coaches/${coach_hash_id}/timeOff`, off);
    const hold = { coach_hash_id, client_hash_id, start: '2030-12-03T10:00:00Z', duration: 60 };
    const held = (await send(service.httpUrl, 'holds', { hold }))['hold'] as JsonObject;
    await send(service.httpUrl, `holds/${held['id']}:release`, {});
    await fetch(`${service.httpUrl}/api/v1/coaches/${coach_hash_id}/availability`, { method: 'DELETE' });
    const booked = await book(service.httpUrl, coach_hash_id, 'somebody-else');
    const own = await book(service.httpUrl, newCoach(), client_hash_id);

    const told: JsonObject[] = [];
    for (let count = 0; count < 6; count += 1) told.push(await ofTypes.nextChange());
    expect(told.map(({ type }) => type)).toEqual([
      'AvailabilitySet',
      'TimeOffAdded',
      'SlotHeld',
      'HoldReleased',
      'AvailabilityDeleted',
      'SessionScheduled',
    ]);
    expect(told).toMatchObject([
      { client_hash_id: '', availability: { weekly: [{ from: '00:00', to: '24:00' }] } },
      { time_off: { first_date: '2031-07-15' } },
      { client_hash_id, hold: { id: held['id'], state: 'HOLD_STATE_OPEN' } },
      { hold: { id: held['id'], state: 'HOLD_STATE_RELEASED' } },
      {},
      { session: { id: booked['id'] } },
    ]);
    // Changes of sessions, unless others are named.
    expect((await ofSessions.nextChange())['session']).toMatchObject({ id: booked['id'] });
    expect((await ofClient.nextChange())['session']).toMatchObject({ id: own['id'] });
  });

  test.each<[string, JsonObject, string[]]>([
    ['a position ahead of the log', { after_position: '9999999999' }, ['after_position']],
    ['a position before the log', { after_position: '-1' }, ['after_position']],
    ['a type that is none', { types: ['SessionScheduled', 'SessionDeleted'] }, ['types[1]']],
    ['ids that are none', { coach_hash_id: 'a b', client_hash_id: 'c d' }, ['coach_hash_id', 'client_hash_id']],
    ['the present state of everybody', { include_present: true }, ['include_present']],
  ])('%s is refused', async (_case, request, fields) => {
    expect(await fieldsAtFault(request)).toEqual(fields);
  });
});
