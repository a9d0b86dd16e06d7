import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MAX_BYTES } from '../../../src/calendars/read/calendar-reader.js';
import { calendar, event } from '../../calendars/samples.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type Answer, type Door, doorsOf, findSlots, scheduleSession, syncTimeOff } from '../../support/doors.js';
import { buildService, startServiceProcess } from '../../support/service-process.js';
import { base64 } from './documents.js';

/** In milliseconds: how long anybody else waits at most while calendars are read. */
const LONGEST_WAIT = 250;

const TRIES = 5;

let database: TestDatabase;
beforeAll(async () => {
  await buildService();
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

/** A door of a service in a process of its own, and how calendars are sent to it: as they are, if it takes them so. */
async function openDoor(name: string) {
  const service = await startServiceProcess({
    EVENT_STORE_URL: database.url,
    READ_MODEL_URL: database.url,
    REQUEST_TIMEOUT_MS: '60000',
  });
  const doors = doorsOf(service);
  onTestFinished(async () => {
    for (const door of doors) door.close();
    await service.end('SIGTERM');
  });
  const door = doors.find((one) => one.name === name) as Door;

  async function post(coach: string, body: string): Promise<number> {
    const url = `${service.httpUrl}/api/v1/coaches/${coach}/timeOff:sync?source=google`;
    return (await fetch(url, { method: 'POST', headers: { 'content-type': 'text/calendar' }, body })).status;
  }
  async function call(coach_hash_id: string, text: string): Promise<Answer['code']> {
    return (await door.call(syncTimeOff, { coach_hash_id, source: 'google', calendar: base64(text) })).code;
  }
  return { door, sync: name === 'REST' ? post : call };
}

/** A document of as many bytes as one may have, of small events. */
function largest(): string {
  const one = event('UID:1', 'DTSTART;TZID=Europe/Zurich:20250102T090000', 'DURATION:PT1H');
  const events = Array.from({ length: Math.floor((MAX_BYTES - 200) / (one.length + 2)) }, () => one);
  return calendar(...events).padEnd(MAX_BYTES, '\n');
}

/** A document that takes as long to read as one may: it is refused for that. */
function slowest(): string {
  const daily = (nr: number) => event(`UID:${nr}`, 'DTSTART:20150101T090000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY');
  return calendar(...Array.from({ length: 6_000 }, (_, nr) => daily(nr)));
}

/** How long the longest of some calls took that were made one after the other, in milliseconds, until the end. */
async function longestUntil(end: Promise<unknown>, calls: readonly (() => Promise<Answer>)[]): Promise<number> {
  let hasEnded = false;
  void end.finally(() => {
    hasEnded = true;
  });
  let longest = 0;
  for (let made = 0; !hasEnded; made += 1) {
    const began = performance.now();
    expect((await calls[made % calls.length]!()).code).toBe('OK');
    // The first ones wait for this process, which is sending calendars.
    if (made >= calls.length) longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}

describe.each(['REST', 'gRPC'])('through %s', (name) => {
  test('nobody waits for calendars of others to be read', async () => {
    const { door, sync } = await openDoor(name);
    const coach_hash_id = randomUUID();
    const slot = (hour: number) => new Date(Date.UTC(2030, 3, 1, hour)).toISOString();
    let hour = 0;
    const book = () => {
      hour += 1;
      const session = { coach_hash_id, client_hash_id: randomUUID(), start: slot(hour), duration: 60 };
      return door.call(scheduleSession, { session });
    };
    const find = () => door.call(findSlots, { coach_hash_id, from: slot(0), to: slot(24), duration: 60 });
    await book();
    await find();

    // More than one try: a busy machine lets everybody wait.
    const longest: number[] = [];
    while (longest.length < TRIES && !longest.some((ms) => ms < LONGEST_WAIT)) {
      const documents = [largest(), slowest(), largest(), slowest()];
      const synced = Promise.all(documents.map((text) => sync(randomUUID(), text)));
      longest.push(await longestUntil(synced, [book, find]));
      const refused = name === 'REST' ? 400 : 'InvalidArgument';
      expect(await synced).toMatchObject({ 1: refused, 3: refused });
    }
    expect(Math.min(...longest)).toBeLessThan(LONGEST_WAIT);
  });
});
