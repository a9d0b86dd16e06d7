import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { beforeAll, expect, test } from 'vitest';
import * as rpc from '../../support/doors.js';
import { startTestService } from '../../support/service.js';
import { buildService } from '../../support/service-process.js';
import { holdIn, idIn, responseOf } from '../session-life/samples.js';
import { useDoors } from '../through-every-door.js';

beforeAll(buildService);
const { doorNamed } = useDoors(startTestService);

/** What is there, through gRPC: REST takes the document as the body. */
async function call(method: rpc.DoorMethod, request: JsonObject): Promise<rpc.Answer> {
  const answer = await doorNamed('gRPC').call(method, request);
  expect(answer.code, method.name).toBe('OK');
  return answer;
}

test('a calendar of this service that is synced into itself blocks nothing', async () => {
  const coach = { coach_hash_id: randomUUID() };
  const session = (start: string) => ({ ...coach, client_hash_id: randomUUID(), start, duration: 60 });
  await call(rpc.scheduleSession, { session: session('2030-05-01T09:00:00Z') });
  const cancelled = idIn(await call(rpc.scheduleSession, { session: session('2030-05-02T09:00:00Z') }));
  await call(rpc.cancelSession, { id: cancelled, cancelled_by: 'PARTY_COACH' });
  const daily = { local_start: '2030-05-03T09:00', time_zone: 'UTC', duration: 60, recurrence: 'FREQ=DAILY;COUNT=3' };
  await call(rpc.scheduleSeries, { series: { ...coach, client_hash_id: randomUUID(), ...daily } });
  holdIn(await call(rpc.holdSlot, { hold: session('2030-05-10T09:00:00Z') }));
  const before = responseOf(await call(rpc.getCalendar, coach));

  const calendar = Buffer.from(before['calendar'] as unknown as string).toString('base64');
  const synced = responseOf(await call(rpc.syncTimeOff, { ...coach, source: 'google', calendar }));
  // The session, the cancelled one, three of the series, and the hold.
  expect(synced['calendar']).toMatchObject({ left_out: { own: 6 } });
  expect(synced).not.toHaveProperty('total');
  expect(synced).not.toHaveProperty('added');

  expect(responseOf(await call(rpc.listTimeOff, coach))).toEqual({});
  expect(responseOf(await call(rpc.getCalendar, coach))).toEqual(before);
});
