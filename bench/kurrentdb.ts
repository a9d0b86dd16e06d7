/**
 * How many bookings a second the command side makes durable in KurrentDB, with the rule for clients, as it is by
 * default, and without, beside what the client's own append does with one call for each event. Needs a node:
 * `KURRENTDB_URL='esdb://127.0.0.1:2113?tls=false' npm run bench:kurrentdb`.
 */
import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import pino from 'pino';
import type { Commands } from '../src/application/client/book.js';
import { createCommandSide } from '../src/application/command-side.js';
import { coachEvents } from '../src/event-store/event-codec.js';
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

const url = process.env['KURRENTDB_URL'];
if (!url) throw new Error('KURRENTDB_URL names no node');

const zoneRules = loadZoneRules();
const store = await openKurrentdbEventStore(url, { log: pino({ level: 'silent' }) });
const [commands, commandsForCoaches] = (['refuse', 'allow'] as const).map(
  (clientOverlap): Commands =>
    createCommandSide({
      store,
      requests: { find: async () => new Map() },
      zoneRules,
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
      const ofNoSeries = { seriesId: '', occurrence: 0, localStart: '' };
      const scheduled = {
        type: 'SessionScheduled',
        ...session(coach),
        ignoredPolicy: undefined,
        scheduledAt: 0,
        ...ofNoSeries,
      } as const;
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

/** Times a second that the work is done, so many at a time. */
async function rate({ inFlight, work }: (typeof subjects)[string]): Promise<number> {
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
  return done / SECONDS;
}

const rates = new Map(Object.keys(subjects).map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, subject] of Object.entries(subjects)) rates.get(name)?.push(await rate(subject));
}
const medians = [...rates].map(([name, all]) => ({ name, 'a second': Math.round(median(all)) }));
const alone = medians[0]?.['a second'] ?? 0;
console.table(medians.map((row) => ({ ...row, ratio: (row['a second'] / alone).toFixed(2) })));
await client.dispose();
await store.close();
