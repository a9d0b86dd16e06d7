import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { rebuildProjection } from '../../projections/rebuild.js';
import { sessions } from '../../projections/sessions-projection.js';
import { openPostgresEventStore } from '../../src/event-store/postgres/postgres-event-store.js';
import { NO_PEER, readWrittenByPeer } from '../calendars/peer.js';
import { type ReadEvent, readBack } from '../calendars/written.js';
import * as rpc from '../support/doors.js';
import { startTestService, type TestService } from '../support/service.js';
import { holdIn, holdsIn, idIn, responseOf, sessionsIn } from './session-life/samples.js';
import { useDoors } from './through-every-door.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const CLIENTS = ['bob', 'cat'];
const silent = pino({ level: 'silent' });

let service: TestService;
const { doorNamed } = useDoors(async () => {
  service = await startTestService();
  return service;
});
const call = (method: rpc.DoorMethod, request: JsonObject) => doorNamed('REST').call(method, request);

/** A command by numbers: which one, for which of what is there, at which hour from now. */
interface Step {
  readonly what: (typeof WHATS)[number];
  readonly which: number;
  readonly hour: number;
  readonly client: string;
}

const WHATS = [
  'book',
  'move',
  'cancel',
  'complete',
  'noShow',
  'correct',
  'series',
  'hold',
  'confirm',
  'release',
] as const;

const anyStep: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...WHATS, 'book', 'book'),
  which: fc.nat(),
  // From before what a calendar shows to half a year from now.
  hour: fc.oneof(fc.integer({ min: -95 * 24, max: -85 * 24 }), fc.integer({ min: -48, max: 180 * 24 })),
  client: fc.constantFrom(...CLIENTS),
});

/** Carries out the steps for a coach. What is refused changes nothing. */
async function live(coach_hash_id: string, suffix: string, steps: readonly Step[]): Promise<void> {
  const ids: string[] = [];
  const holds: string[] = [];
  for (const { what, which, hour, client } of steps) {
    const start = new Date(Math.floor(Date.now() / HOUR) * HOUR + hour * HOUR).toISOString();
    const who = { coach_hash_id, client_hash_id: client + suffix };
    const id = ids[which % ids.length] ?? randomUUID();
    const hold = holds[which % holds.length] ?? randomUUID();
    const commands: Record<Step['what'], () => Promise<rpc.Answer>> = {
      book: () => call(rpc.scheduleSession, { session: { ...who, start, duration: 30 + (which % 60) } }),
      move: () => call(rpc.rescheduleSession, { id, start }),
      cancel: () => call(rpc.cancelSession, { id, cancelled_by: 'PARTY_CLIENT' }),
      complete: () => call(rpc.completeSession, { id }),
      noShow: () => call(rpc.markNoShow, { id, absent: 'PARTY_CLIENT' }),
      correct: () => call(rpc.correctOutcome, { id, outcome: 'SESSION_STATE_COMPLETED', reason: 'a mistake' }),
      series: () => {
        const rule = {
          local_start: start.slice(0, 16),
          time_zone: 'UTC',
          duration: 60,
          recurrence: 'FREQ=DAILY;COUNT=4',
        };
        return call(rpc.scheduleSeries, { series: { ...who, ...rule } });
      },
      hold: () => call(rpc.holdSlot, { hold: { ...who, start, duration: 45 } }),
      confirm: () => call(rpc.confirmHold, { id: hold }),
      release: () => call(rpc.releaseHold, { id: hold }),
    };
    const answer = await commands[what]();
    if (answer.code !== 'OK') continue;
    if (what === 'book') ids.push(idIn(answer));
    if (what === 'hold') holds.push(holdIn(answer)['id'] as string);
    if (what === 'series')
      ids.push(...(responseOf(answer)['sessions'] as unknown as { id: string }[]).map((one) => one.id));
  }
}

/** The events that a calendar must have by what the lists say, in order of their UIDs. */
async function expected(of: JsonObject): Promise<ReadEvent[]> {
  const from = Math.floor(Date.now() / DAY) * DAY - 90 * DAY;
  const other = (one: JsonObject) => ('coach_hash_id' in of ? one['client_hash_id'] : one['coach_hash_id']);
  const booked = sessionsIn(await call(rpc.listSessions, { ...of, page_size: 1000 })).map((session) => {
    const isCancelled = session['state'] === 'SESSION_STATE_CANCELLED';
    const title = `Session with ${other(session)}`;
    return eventOf(session, session['updated_at'], {
      sequence: Number(session['etag']),
      status: isCancelled ? 'CANCELLED' : 'CONFIRMED',
      transp: isCancelled ? 'TRANSPARENT' : 'OPAQUE',
      summary: isCancelled ? `Cancelled: ${title}` : title,
    });
  });
  const open = { ...of, states: ['HOLD_STATE_OPEN'], page_size: 1000 };
  const held = 'coach_hash_id' in of ? holdsIn(await call(rpc.listHolds, open)) : [];
  const tentative = held.map((hold) => {
    const summary = `Held for ${other(hold)}`;
    return eventOf(hold, hold['created_at'], { sequence: 0, status: 'TENTATIVE', transp: 'OPAQUE', summary });
  });
  return byUid([...booked, ...tentative].filter(({ end }) => end > from));
}

function eventOf(
  item: JsonObject,
  changedAt: unknown,
  rest: Pick<ReadEvent, 'sequence' | 'status' | 'transp' | 'summary'>,
): ReadEvent {
  const second = (time: unknown) => Math.floor(Date.parse(time as string) / 1000) * 1000;
  const start = second(item['start']);
  const end = start + Number(item['duration']) * 60_000;
  const [stamp, created] = [second(changedAt), second(item['created_at'])];
  return { uid: item['id'] as string, start, end, stamp, modified: stamp, created, ...rest };
}

const byUid = (events: readonly ReadEvent[]) => events.toSorted((one, other) => (one.uid < other.uid ? -1 : 1));

async function textOf(of: JsonObject): Promise<string> {
  return responseOf(await call(rpc.getCalendar, of))['calendar'] as unknown as string;
}

/** The calendars of a coach with a random life, and of its clients. */
async function anyCalendars(steps: readonly Step[]): Promise<JsonObject[]> {
  const suffix = randomUUID();
  const coach = `coach-${suffix}`;
  await live(coach, suffix, steps);
  return [{ coach_hash_id: coach }, ...CLIENTS.map((client) => ({ client_hash_id: client + suffix }))];
}

describe('after any lives of sessions, series and holds', () => {
  test('calendars say what the lists say', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 10, maxLength: 30 }), async (steps) => {
        for (const of of await anyCalendars(steps)) {
          const events = readBack(await textOf(of));
          expect(byUid(events)).toEqual(await expected(of));
          seen += events.length;
        }
      }),
      { numRuns: 12 },
    );
    expect(seen).toBeGreaterThan(100);
  }, 60_000);

  test.skipIf(NO_PEER)('Python reads the same', async () => {
    const [steps] = fc.sample(fc.array(anyStep, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 20 });
    const texts = await Promise.all((await anyCalendars(steps!)).map(textOf));
    expect(readWrittenByPeer(texts)).toEqual(texts.map(readBack));
    expect(readBack(texts[0]!).length).toBeGreaterThan(20);
  });

  test('another process, and a read model made anew, answer the same bytes', async () => {
    const [steps] = fc.sample(fc.array(anyStep, { minLength: 40, maxLength: 40 }), { numRuns: 1, seed: 21 });
    const [of] = await anyCalendars(steps!.filter(({ what }) => what !== 'hold'));
    const text = await textOf(of!);
    expect(readBack(text).length).toBeGreaterThan(10);

    const store = await openPostgresEventStore(service.databaseUrl, { log: silent });
    const signal = new AbortController().signal;
    await rebuildProjection(sessions, { store, url: service.databaseUrl, log: silent, signal });
    await store.close();
    expect(await textOf(of!)).toBe(text);

    const other = await startTestService(service.databaseUrl, { READ_MODEL_URL: service.databaseUrl });
    try {
      const answer = await fetch(`${other.httpUrl}/api/v1/coaches/${of!['coach_hash_id']}/calendar.ics`);
      expect(await answer.text()).toBe(text);
    } finally {
      await other.stop();
    }
  });
});
