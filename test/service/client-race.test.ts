import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';
import { type Door, doorsOf, listSessions, scheduleSession } from '../support/doors.js';
import { buildService, type ServiceProcess, startServiceProcess } from '../support/service-process.js';

beforeAll(buildService);

const HOURS = 8;
const COACHES = 10;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
const running: ServiceProcess[] = [];
const opened: Door[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  for (const door of opened.splice(0)) door.close();
  for (const service of running.splice(0)) await service.end('SIGTERM');
  await database.drop();
});

/** A service on the test's database, and all of its doors. */
async function start(): Promise<{ service: ServiceProcess; doors: Door[] }> {
  const service = await startServiceProcess({ EVENT_STORE_URL: database.url, REQUEST_TIMEOUT_MS: '100000' });
  const doors = doorsOf(service);
  running.push(service);
  opened.push(...doors);
  return { service, doors };
}

const hourAt = (hour: number) => new Date(Date.UTC(2030, 0, 1, hour)).toISOString().replace('.000Z', 'Z');

/** Every coach wants every hour of the client, through a door of its own choosing. Answers the codes. */
function race(client_hash_id: string, doors: readonly Door[]): Promise<string[]> {
  const rivals = Array.from({ length: HOURS * COACHES }, async (_, nr) => {
    const session = {
      coach_hash_id: `${client_hash_id}-${nr % COACHES}`,
      client_hash_id,
      start: hourAt(Math.floor(nr / COACHES)),
      duration: 60,
    };
    const door = doors[nr % doors.length] as Door;
    const { code, reason } = await door.call(scheduleSession, { session }).catch(() => ({ code: 'lost', reason: '' }));
    return reason ?? code;
  });
  return Promise.all(rivals);
}

/** When the client's sessions begin. */
async function startsOf(client_hash_id: string, [door]: readonly Door[]): Promise<unknown[]> {
  const { response } = (await door?.call(listSessions, { client_hash_id })) ?? {};
  return ((response as { sessions?: JsonObject[] }).sessions ?? []).map((session) => session['start']);
}

test('through every door of two services, rivals get each hour of a client once', async () => {
  const [here, there] = [await start(), await start()];
  const client = randomUUID();
  const codes = await race(client, [...here.doors, ...there.doors]);
  expect(codes.filter((code) => code === 'OK')).toHaveLength(HOURS);
  expect(new Set(codes)).toEqual(new Set(['OK', 'CLIENT_OVERLAP']));
  expect(await startsOf(client, here.doors)).toEqual(Array.from({ length: HOURS }, (_, hour) => hourAt(hour)));
});

test('a service that is killed in the midst of the race leaves no hour taken twice, and none blocked', async () => {
  const [here, there] = [await start(), await start()];
  const client = randomUUID();
  const racing = race(client, [...here.doors, ...there.doors]);
  await here.service.end('SIGKILL');
  await racing;
  await race(client, there.doors);
  expect(await startsOf(client, there.doors)).toEqual(Array.from({ length: HOURS }, (_, hour) => hourAt(hour)));
});
