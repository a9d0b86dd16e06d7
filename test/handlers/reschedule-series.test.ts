import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import type { SeriesRow } from '../../src/application/read-model.js';
import { Party, type Session } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { memoryReadModel } from './memory-read-model.js';
import { type MemoryService, memoryService, violationsOf } from './memory-service.js';

/** Four Mondays at 09:00, the 3rd to the 24th of March 2031. */
const MARCH = {
  coachHashId: 'carol',
  clientHashId: 'chris',
  localStart: '2031-03-03T09:00',
  timeZone: 'Europe/London',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=4',
};

const on = (day: number) => Date.parse(`2031-03-${String(day).padStart(2, '0')}T09:00:00Z`);

/** Books the Mondays, without those on which the coach has something else to do. */
async function bookedBut(service: MemoryService, ...busy: number[]) {
  for (const day of busy) {
    const other = { coachHashId: 'carol', clientHashId: 'dora', start: timestampFromMs(on(day)), duration: 60 };
    await service.call('scheduleSession', { session: other });
  }
  const { series, sessions } = await service.call('scheduleSeries', { series: MARCH, skipConflicts: true });
  return { seriesId: series?.id as string, sessions };
}

const startsOf = (sessions: readonly Session[]) => sessions.map(({ start }) => start && timestampMs(start));

test('from an occurrence that was skipped, the others move by as many days as it', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 10);
  const move = { seriesId, fromOccurrence: 2, localStart: '2031-03-11T09:00' };
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(18), on(25)]);
});

test('an occurrence that was skipped moves with its series: the same move again moves nothing', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 10);
  const move = { seriesId, fromOccurrence: 2, localStart: '2031-03-11T09:00' };
  await service.call('rescheduleSeries', move);
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(18), on(25)]);
});

test('a move from a later occurrence leaves one that was skipped where it is', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 10);
  await service.call('rescheduleSeries', { seriesId, fromOccurrence: 3, localStart: '2031-03-18T09:00' });
  const move = { seriesId, fromOccurrence: 2, localStart: '2031-03-11T09:00' };
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(19), on(26)]);
});

test.each([
  ['cancelled', 'cancelSession', { cancelledBy: Party.CLIENT }],
  ['cancelled after it was moved alone', 'rescheduleSession', { start: timestampFromMs(on(5)) }],
] as const)('the place of a session that is %s moves with its series, too', async (state, name, change) => {
  const service = memoryService();
  const { seriesId, sessions } = await bookedBut(service);
  const id = sessions[0]?.id as string;
  await service.call(name, { id, ...change });
  if (state !== 'cancelled') await service.call('cancelSession', { id, cancelledBy: Party.CLIENT });
  const move = { seriesId, localStart: '2031-03-04T09:00' };
  await service.call('rescheduleSeries', move);
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(11), on(18), on(25)]);
});

test('with no occurrence named, the first one that has a session gets the new time', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 3);
  const move = { seriesId, localStart: '2031-03-11T09:00' };
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(11), on(18), on(25)]);
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(11), on(18), on(25)]);
});

test('the first occurrence is meant when it is named, even if it was skipped', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 3);
  const move = { seriesId, fromOccurrence: 1, localStart: '2031-03-04T09:00' };
  expect(startsOf((await service.call('rescheduleSeries', move)).sessions)).toEqual([on(11), on(18), on(25)]);
});

test('beyond the last occurrence that has a session there is nothing to move', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 24);
  const description = 'is beyond the last occurrence of the series';
  for (const fromOccurrence of [4, 5]) {
    const move = service.call('rescheduleSeries', { seriesId, fromOccurrence, localStart: '2031-03-25T09:00' });
    expect(await violationsOf(move)).toEqual([{ field: 'from_occurrence', description }]);
  }
});

test('many moves from an occurrence without a session read the past of the coach once', async () => {
  const service = memoryService();
  const { seriesId } = await bookedBut(service, 10);
  const { store } = service;
  const readFrom: bigint[] = [];
  const read = store.read.bind(store);
  store.read = (stream, from = 0n) => {
    readFrom.push(from);
    return read(stream, from);
  };
  const move = { seriesId, fromOccurrence: 2, localStart: '2031-03-11T09:00', validateOnly: true };
  await Promise.all(Array.from({ length: 20 }, () => service.call('rescheduleSeries', move)));
  expect(readFrom.filter((from) => from === 0n)).toHaveLength(1);
});

/** A service whose read model answers these series first, one after the other, and then what is there. */
function serviceThatReads(first: SeriesRow[]): MemoryService {
  const series = () => memoryReadModel(service.store).series;
  const service: MemoryService = memoryService({
    parts: {
      series: {
        get: async (id) => first.shift() ?? series().get(id),
        booked: (id) => series().booked(id),
        list: (...args) => series().list(...args),
      },
    },
  });
  return service;
}

describe('a series that is read while it changes', () => {
  /** Four Mondays that were moved to the Tuesdays after them, as they were read before, or amid the move. */
  async function movedWhileRead(part: number) {
    const first: SeriesRow[] = [];
    const service = serviceThatReads(first);
    const { seriesId } = await bookedBut(service);
    const before = (await memoryReadModel(service.store).series.get(seriesId)) as SeriesRow;
    await service.call('rescheduleSeries', { seriesId, localStart: '2031-03-10T09:00' });
    const after = (await memoryReadModel(service.store).series.get(seriesId)) as SeriesRow;
    const sessions = before.sessions.map((session, index) => (index < part ? after.sessions[index]! : session));
    first.push({ ...before, sessions });
    return { service, seriesId };
  }

  test.each([0, 1, 2, 3])('is moved from where it is then, all of it: %i of 4 sessions were new', async (part) => {
    const { service, seriesId } = await movedWhileRead(part);
    const { sessions } = await service.call('rescheduleSeries', { seriesId, localStart: '2031-03-10T10:00' });
    const hour = 3_600_000;
    // Clocks go forward on the 30th.
    expect(startsOf(sessions)).toEqual([on(10) + hour, on(17) + hour, on(24) + hour, on(31)]);
  });

  test('is refused for an etag that it no longer has', async () => {
    const { service, seriesId } = await movedWhileRead(0);
    const move = service.call('rescheduleSeries', { seriesId, localStart: '2031-03-10T10:00', etag: '4' });
    await expect(move).rejects.toMatchObject({ message: expect.stringContaining('changed since') });
  });
});
