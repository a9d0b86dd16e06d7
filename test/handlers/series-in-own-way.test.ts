import { timestampDate } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { Party, type Session } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { memoryService, violationsOf } from './memory-service.js';

/** Three days of 24 hours, the second of which has 23: clocks in London are put forward on 30 March 2031. */
const MARCH = {
  coachHashId: 'carol',
  clientHashId: 'chris',
  localStart: '2031-03-29T09:00',
  timeZone: 'Europe/London',
  duration: 1440,
  recurrence: 'FREQ=DAILY;COUNT=3',
};

const OVERLAP =
  'must not let occurrences overlap: ' +
  'occurrence 1 (2031-03-29T09:00:00Z to 2031-03-30T09:00:00Z) overlaps ' +
  'occurrence 2 (2031-03-30T08:00:00Z to 2031-03-31T08:00:00Z)';

const startsOf = (sessions: readonly Session[]) =>
  sessions.map(({ start }) => start && timestampDate(start).toISOString().slice(0, 16));

test('a series that is in its own way is refused, and both occurrences are named', async () => {
  const violations = await violationsOf(memoryService().call('scheduleSeries', { series: MARCH }));
  expect(violations).toEqual([{ field: 'series.duration', description: OVERLAP }]);
});

test('where clocks skip a day, two occurrences would begin at once', async () => {
  const series = { ...MARCH, localStart: '2011-12-29T09:00', timeZone: 'Pacific/Apia', duration: 60 };
  const description =
    'must not let occurrences overlap: ' +
    'occurrence 2 (2011-12-30T19:00:00Z to 2011-12-30T20:00:00Z) overlaps ' +
    'occurrence 3 (2011-12-30T19:00:00Z to 2011-12-30T20:00:00Z)';
  expect(await violationsOf(memoryService().call('scheduleSeries', { series }))).toEqual([
    { field: 'series.recurrence', description },
  ]);
});

test('occurrences that touch are not in the way of each other', async () => {
  const series = { ...MARCH, duration: 23 * 60 };
  const { sessions } = await memoryService().call('scheduleSeries', { series });
  expect(startsOf(sessions)).toEqual(['2031-03-29T09:00', '2031-03-30T08:00', '2031-03-31T08:00']);
});

test('with skip_conflicts the later occurrence is skipped, and the earlier one is in its way', async () => {
  const { sessions, skipped } = await memoryService().call('scheduleSeries', { series: MARCH, skipConflicts: true });
  expect(startsOf(sessions)).toEqual(['2031-03-29T09:00', '2031-03-31T08:00']);
  expect(skipped).toMatchObject([
    { occurrence: 2, reason: 'COACH_OVERLAP', inTheWayStart: sessions[0]?.start, start: { seconds: 1_932_624_000n } },
  ]);
});

test('a series that a move would put in its own way stays, and both occurrences are named', async () => {
  const { call } = memoryService();
  const booked = await call('scheduleSeries', { series: { ...MARCH, localStart: '2031-03-01T09:00' } });
  const move = { seriesId: booked.series?.id as string, localStart: '2031-03-29T09:00' };
  expect(await violationsOf(call('rescheduleSeries', move))).toEqual([{ field: 'duration', description: OVERLAP }]);

  const shorter = await call('rescheduleSeries', { ...move, duration: 1380 });
  expect(startsOf(shorter.sessions)).toEqual(['2031-03-29T09:00', '2031-03-30T08:00', '2031-03-31T08:00']);
  const longer = call('rescheduleSeries', { ...move, duration: 1440 });
  expect(await violationsOf(longer)).toEqual([{ field: 'duration', description: OVERLAP }]);
});

test('two occurrences of one day cannot both move to one time of day, wherever they stand in the series', async () => {
  const { call } = memoryService();
  const booked = await call('scheduleSeries', { series: { ...MARCH, localStart: '2031-03-01T09:00', duration: 60 } });
  const seriesId = booked.series?.id as string;
  await call('rescheduleSeries', { seriesId, fromOccurrence: 3, localStart: '2031-03-01T11:00' });
  const description =
    'must not let occurrences overlap: ' +
    'occurrence 1 (2031-03-08T09:00:00Z to 2031-03-08T10:00:00Z) overlaps ' +
    'occurrence 3 (2031-03-08T09:00:00Z to 2031-03-08T10:00:00Z)';
  const move = call('rescheduleSeries', { seriesId, localStart: '2031-03-08T09:00' });
  expect(await violationsOf(move)).toEqual([{ field: 'local_start', description }]);
});

test('a session that was called off is in the way of no other', async () => {
  const { call } = memoryService();
  const booked = await call('scheduleSeries', { series: { ...MARCH, localStart: '2031-03-01T09:00' } });
  await call('cancelSession', { id: booked.sessions[1]?.id as string, cancelledBy: Party.CLIENT });
  const move = { seriesId: booked.series?.id as string, localStart: '2031-03-29T09:00' };
  const { sessions } = await call('rescheduleSeries', move);
  expect(startsOf(sessions)).toEqual(['2031-03-29T09:00', '2031-03-31T08:00']);
});
