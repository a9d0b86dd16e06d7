/** Guards what `npm run bench:kurrentdb` measures, by counting the calls of a booking instead of their time. */
import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import pino from 'pino';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Commands } from '../../src/application/client/book.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { openKurrentdbEventStore } from '../../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { EventMetadataSchema } from '../../src/gen/aceup/scheduler/v1/events_pb.js';
import { Cancellation } from '../../src/waiting.js';
import { commandProcess } from '../support/command-process.js';
import type { Method } from '../support/kurrentdb-stand-in/faults.js';
import { startKurrentdbStandIn } from '../support/kurrentdb-stand-in/stand-in.js';

let store: EventStore;
let commands: Commands;
let calls: Method[];
let hour = 0;

beforeEach(async () => {
  const standIn = await startKurrentdbStandIn();
  onTestFinished(() => standIn.stop());
  store = await openKurrentdbEventStore(standIn.url, { log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  commands = commandProcess(store);
  calls = [];
  standIn.faults = { call: (method) => void calls.push(method) };
});

/** Books a free time, and answers which calls that took. */
async function callsOf(coachHashId: string, clientHashId: string, by = commands): Promise<readonly Method[]> {
  calls = [];
  hour += 1;
  const start = Date.UTC(2030, 0, 1) + hour * 3_600_000;
  const session = { sessionId: randomUUID(), coachHashId, clientHashId, start, duration: 60, reservationId: '' };
  const { kind } = await by.submit({
    command: { type: 'ScheduleSession', ...session, now: Date.UTC(2029, 0, 1) },
    metadata: create(EventMetadataSchema, { correlationId: randomUUID() }),
    validateOnly: false,
    cancellation: new Cancellation(),
  });
  expect(kind).toBe('accepted');
  return calls;
}

test('a coach that is not in memory is read; a client that is not is taken for a new one, and not read', async () => {
  expect(await callsOf('coach', 'new')).toEqual(['read', 'batchAppend', 'batchAppend']);
});

test('a booking takes two appends and no read, of a new client as of one in memory', async () => {
  await callsOf('coach', 'known');
  expect(await callsOf('coach', 'known')).toEqual(['batchAppend', 'batchAppend']);
  expect(await callsOf('coach', 'new')).toEqual(['batchAppend', 'batchAppend']);
});

test('a client of before a start takes an append in vain, then a read', async () => {
  await callsOf('coach', 'known');
  const restarted = commandProcess(store);
  await callsOf('coach', 'other', restarted);
  expect(await callsOf('coach', 'known', restarted)).toEqual(['batchAppend', 'read', 'batchAppend', 'batchAppend']);
});

test('without the rule for clients a booking takes one append', async () => {
  const without = commandProcess(store, { clientOverlap: 'allow' });
  await callsOf('coach', 'client', without);
  expect(await callsOf('coach', 'client', without)).toEqual(['batchAppend']);
});
