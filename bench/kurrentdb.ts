/**
 * How many bookings a second the command side makes durable in KurrentDB, with the rule for clients, as it is by
 * default, and without, beside what the client's own append does with one call for each event; and what a booking takes
 * of appends, reads and processor time of this process. For rates a node is needed:
 * `KURRENTDB_URL='esdb://127.0.0.1:2113?tls=false' npm run bench:kurrentdb`. Without one, the stand-in of the tests
 * takes the appends, as a process of its own: then only the counts and the processor time mean something.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import pino from 'pino';
import type { Commands } from '../src/application/client/book.js';
import { createCommandSide } from '../src/application/command-side.js';
import { coachEvents } from '../src/event-store/event-codec.js';
import type { EventStore } from '../src/event-store/event-store.js';
import { clientUrl } from '../src/event-store/kurrentdb/client-url.js';
import { openKurrentdbEventStore } from '../src/event-store/kurrentdb/kurrentdb-event-store.js';
import { EventMetadataSchema } from '../src/gen/aceup/scheduler/v1/events_pb.js';
import { Cancellation } from '../src/waiting.js';
import { loadZoneRules } from '../src/zone-rules/load-zone-rules.js';
import { median } from './harness/scenario.js';

const ROUNDS = 5;
const SECONDS = 4;
const COACHES = 1_000;
/** As many for each coach as in the other scenarios. */
const CLIENTS = 5 * COACHES;
const IN_FLIGHT = 64;
/** As many clients want a time of the same coach at once. */
const CROWD = 512;

/** Starts the stand-in for a node. */
async function startStandIn() {
  const process = fork(new URL('./kurrentdb-stand-in.js', import.meta.url));
  const [url] = (await once(process, 'message')) as [string];
  return { url, stop: () => process.disconnect() };
}

const standIn = process.env['KURRENTDB_URL'] ? undefined : await startStandIn();
const url = standIn?.url ?? (process.env['KURRENTDB_URL'] as string);
const opened = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }) });
const calls = { appends: 0, reads: 0 };
const store: EventStore = {
  ...opened,
  append: (...append) => {
    calls.appends += 1;
    return opened.append(...append);
  },
  read: (...read) => {
    calls.reads += 1;
    return opened.read(...read);
  },
};
const [commands, commandsForCoaches] = (['refuse', 'allow'] as const).map(
  (clientOverlap): Commands =>
    createCommandSide({
      store,
      requests: { find: async () => new Map() },
      zoneRules: loadZoneRules(),
      newId: randomUUID,
      coachBytes: 1_000_000_000,
      clientBytes: 1_000_000_000,
      clientOverlap,
      onReleaseFailed: console.error,
    }),
) as [Commands, Commands];
const client = EventStoreDBClient.connectionString(clientUrl(url));
const credentials = { username: 'admin', password: 'changeit' };
const metadata = create(EventMetadataSchema, { correlationId: randomUUID() });
const run = randomUUID();
let booked = 0;

/** A time in which the coach and the client are free: every session has its own. */
function session(coachHashId: string) {
  booked += 1;
  const clientHashId = `${run}-${booked % CLIENTS}`;
  const start = booked * 3_600_000;
  return { sessionId: randomUUID(), coachHashId, clientHashId, start, duration: 60, reservationId: '' };
}

async function book({ submit }: Commands, coachHashId: string): Promise<void> {
  const command = { type: 'ScheduleSession', ...session(coachHashId), now: Date.now() } as const;
  const { kind } = await submit({ command, metadata, validateOnly: false, cancellation: new Cancellation() });
  if (kind !== 'accepted') throw new Error(`a free time was ${kind}`);
}

const subjects: Record<string, { readonly inFlight: number; readonly work: (nr: number) => Promise<unknown> }> = {
  'client, a call for each event': {
    inFlight: IN_FLIGHT,
    work: (nr) => {
      const coach = `${run}-${nr % COACHES}`;
      const ofNoSeries = { seriesId: '', occurrence: 0, localStart: '', ignoredPolicy: undefined };
      const scheduled = { type: 'SessionScheduled', ...session(coach), scheduledAt: 0, ...ofNoSeries } as const;
      const { id, type, data, ...event } = coachEvents.encode(randomUUID(), scheduled, metadata);
      const json = jsonEvent({ id, type, data: JSON.parse(data), metadata: JSON.parse(event.metadata) });
      // With credentials of its own a call is no part of the client's batches.
      return client.appendToStream(`bench-${coach}`, json, { credentials });
    },
  },
  'bookings of many coaches, coaches only': {
    inFlight: IN_FLIGHT,
    work: (nr) => book(commandsForCoaches, `${run}-${nr % COACHES}-alone`),
  },
  'bookings of many coaches': { inFlight: IN_FLIGHT, work: (nr) => book(commands, `${run}-${nr % COACHES}`) },
  'a crowd at one coach, coaches only': { inFlight: CROWD, work: () => book(commandsForCoaches, `${run}-crowd-alone`) },
  'a crowd at one coach': { inFlight: CROWD, work: () => book(commands, `${run}-crowd`) },
};

/** What the work took, for each time that it was done. */
interface Measured {
  readonly 'a second': number;
  /** Of this process, without the node. */
  readonly 'processor ms': number;
  readonly appends: number;
  readonly reads: number;
}

/** Does the work for some seconds, so many at a time. */
async function measure({ inFlight, work }: (typeof subjects)[string]): Promise<Measured> {
  const before = { ...calls };
  const processor = process.cpuUsage();
  const end = performance.now() + SECONDS * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async (_, first) => {
      for (let nr = first; performance.now() < end; nr += inFlight) {
        await work(nr);
        done += 1;
      }
    }),
  );
  const { user, system } = process.cpuUsage(processor);
  return {
    'a second': done / SECONDS,
    'processor ms': (user + system) / 1_000 / done,
    appends: (calls.appends - before.appends) / done,
    reads: (calls.reads - before.reads) / done,
  };
}

const measured = new Map(Object.keys(subjects).map((name) => [name, [] as Measured[]]));
// In the round before the first, code is compiled and coaches are loaded.
for (let round = -1; round < ROUNDS; round += 1) {
  for (const [name, subject] of Object.entries(subjects)) {
    const one = await measure(subject);
    if (round >= 0) measured.get(name)?.push(one);
  }
}

/** The median of what was measured in each round. */
function middle(name: string, of: keyof Measured): number {
  return median((measured.get(name) as Measured[]).map((one) => one[of]));
}

const [alone = ''] = measured.keys();
console.table(
  Object.fromEntries(
    [...measured.keys()].map((name) => [
      name,
      {
        'a second': Math.round(middle(name, 'a second')),
        ratio: (middle(name, 'a second') / middle(alone, 'a second')).toFixed(2),
        'processor ms': middle(name, 'processor ms').toFixed(3),
        appends: middle(name, 'appends').toFixed(2),
        reads: middle(name, 'reads').toFixed(2),
      },
    ]),
  ),
);
await client.dispose();
await store.close();
standIn?.stop();
