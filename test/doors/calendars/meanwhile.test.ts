import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MAX_BYTES } from '../../../src/calendars/read/calendar-reader.js';
import { calendar, event } from '../../calendars/samples.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type Door, doorsOf, findSlots, scheduleSession, syncTimeOff } from '../../support/doors.js';
import { buildService, startServiceProcess } from '../../support/service-process.js';
import { base64 } from './documents.js';

/** In milliseconds: how long anybody else waits at most while calendars are read. */
const LONGEST_WAIT = 250;

let database: TestDatabase;
beforeAll(async () => {
  await buildService();
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

/** The door of this name of a service in a process of its own. */
async function openDoor(name: string): Promise<Door> {
  const service = await startServiceProcess({ EVENT_STORE_URL: database.url, READ_MODEL_URL: database.url });
  const doors = doorsOf(service);
  onTestFinished(async () => {
    for (const door of doors) door.close();
    await service.end('SIGTERM');
  });
  return doors.find((door) => door.name === name) as Door;
}

/** A document of as many bytes as one may have, of small events. */
function largest(): string {
  const one = event('UID:1', 'DTSTART;TZID=Europe/Zurich:20250102T090000', 'DURATION:PT1H');
  const events = Array.from({ length: Math.floor((MAX_BYTES - 200) / (one.length + 2)) }, () => one);
  return calendar(...events).padEnd(MAX_BYTES, '\n');
}

/** A document that takes as long to read as one may. */
function slowest(): string {
  const rule = 'RRULE:FREQ=YEARLY;BYDAY=53MO;BYSETPOS=366;BYHOUR=0,1,2,3;BYMINUTE=0,1,2,3;BYSECOND=0,1,2,3,4,5';
  return calendar(
    ...Array.from({ length: 4_000 }, (_, nr) => event(`UID:${nr}`, 'DTSTART:20200101T090000Z', 'DURATION:PT1H', rule)),
  );
}

describe.each(['REST', 'gRPC'])('through %s', (name) => {
  test('nobody waits for calendars of others to be read', async () => {
    const door = await openDoor(name);
    const documents = [largest(), slowest()].map(base64);
    const sync = (index: number) =>
      door.call(syncTimeOff, {
        coach_hash_id: randomUUID(),
        source: 'google',
        calendar: documents[index % documents.length] as string,
      });
    const slot = (hour: number) => new Date(Date.UTC(2030, 3, 1, hour)).toISOString();
    const coach_hash_id = randomUUID();
    let hour = 0;
    const others = [
      () => door.call(findSlots, { coach_hash_id, from: slot(0), to: slot(24), duration: 60 }),
      () => {
        hour += 1;
        const session = { coach_hash_id, client_hash_id: randomUUID(), start: slot(hour), duration: 60 };
        return door.call(scheduleSession, { session });
      },
    ];
    for (const other of others) await other();

    let isReading = true;
    const synced = Promise.all([0, 1, 2, 3].map(sync)).finally(() => {
      isReading = false;
    });
    let longest = 0;
    let calls = 0;
    while (isReading) {
      for (const other of others) {
        const began = performance.now();
        expect((await other()).code).toBe('OK');
        longest = Math.max(longest, performance.now() - began);
        calls += 1;
      }
    }
    console.log(
      calls,
      longest,
      (await synced).map((a) => JSON.stringify(a).slice(0, 200)),
    );
    const codes = (await synced).map(({ code }) => code);
    expect(codes.every((code) => code === 'OK' || code === 'InvalidArgument')).toBe(true);
    expect(calls).toBeGreaterThan(20);
    expect(longest).toBeLessThan(LONGEST_WAIT);
  });
});
