import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { readZoneRules, type ZoneRules } from '../../src/domain/zones/zone-rules.js';
import { Party } from '../../src/gen/aceup/scheduler/v1/session_pb.js';
import { findZoneChanges } from '../../src/zone-changes/find-changes.js';
import { makeZoneChanges } from '../../src/zone-changes/make-changes.js';
import { linesOf } from '../../src/zone-changes/report.js';
import { type MemoryService, memoryService, NOON } from '../handlers/memory-service.js';
import { commandProcess } from '../support/command-process.js';
import { readAll } from '../support/event-store-follow.js';
import { setPolicy } from '../support/offering-samples.js';
import { submissionOf } from '../support/submissions.js';
import { NEWER, OLDER } from '../support/zone-releases.js';

const [older, newer] = [readZoneRules(OLDER), readZoneRules(NEWER)];

/** Three Mondays in winter at 09:00, which is 09:00 UTC by the older rules and 08:00 UTC by the newer. */
const WINTER = {
  coachHashId: 'carol',
  clientHashId: 'chris',
  localStart: '2030-12-02T09:00',
  timeZone: 'Some/Where',
  duration: 60,
  recurrence: 'FREQ=WEEKLY;COUNT=3',
};

const at = (day: string, time: string) => timestampFromMs(Date.parse(`${day}T${time}Z`));

/** A service that has the rules of a release. */
const serviceWith = (zoneRules: ZoneRules) => memoryService({ parts: { zoneRules } });

async function book({ call }: MemoryService, series: Partial<typeof WINTER> = {}) {
  const { sessions } = await call('scheduleSeries', { series: { ...WINTER, ...series } });
  return sessions;
}

/** What a run of the command does, as lines without the ids of series. */
async function run({ store }: MemoryService, rules: ZoneRules, apply: boolean, now = NOON) {
  const changes = await findZoneChanges(store, rules, now, new AbortController().signal);
  const parts = {
    commands: commandProcess(store),
    version: rules.version,
    now: () => now,
    newId: () => 'a-run',
    apply,
  };
  const lines = linesOf(await makeZoneChanges(changes, parts));
  return lines.map((line) => line.replace(/series [0-9a-f-]{36}/, 'series'));
}

async function startsIn({ call }: MemoryService) {
  const { sessions } = await call('listSessions', { coachHashId: 'carol' });
  return sessions.map(({ start }) => start && timestampDate(start).toISOString().slice(0, 16));
}

const TITLE = 'coach carol, client chris, series:';
const MOVES = [
  '  1: 2030-12-02T09:00:00 Some/Where, 2030-12-02T09:00:00Z -> 2030-12-02T08:00:00Z',
  '  2: 2030-12-09T09:00:00 Some/Where, 2030-12-09T09:00:00Z -> 2030-12-09T08:00:00Z',
  '  3: 2030-12-16T09:00:00 Some/Where, 2030-12-16T09:00:00Z -> 2030-12-16T08:00:00Z',
];

test('an empty log has nothing to move', async () => {
  expect(await run(serviceWith(older), newer, true)).toEqual([]);
});

test('lists the sessions that begin at another instant, and changes nothing', async () => {
  const service = serviceWith(older);
  await book(service);
  await book(service, { localStart: '2030-07-01T09:00' });
  const before = await startsIn(service);
  expect(await run(service, newer, false)).toEqual([TITLE, ...MOVES]);
  expect(await startsIn(service)).toEqual(before);
});

test('moves them, once: a repetition has nothing to do', async () => {
  const service = serviceWith(older);
  await book(service);
  expect(await run(service, newer, true)).toEqual([TITLE, ...MOVES]);
  expect(await startsIn(service)).toEqual(['2030-12-02T08:00', '2030-12-09T08:00', '2030-12-16T08:00']);
  expect(await run(service, newer, true)).toEqual([]);
});

test('the history says why, and the events by which rules', async () => {
  const service = serviceWith(older);
  const [first] = await book(service);
  await run(service, newer, true);
  const { changes } = await service.call('getSessionHistory', { id: first?.id as string });
  expect(changes[1]).toMatchObject({
    type: 'SessionRescheduled',
    reason: 'the rules of Some/Where, release 2030b',
    requestId: `zone-rules-2030b-${first?.id}-${first?.etag}`,
    correlationId: 'a-run',
  });
});

test('moves back, when the older rules come again, and forth once more', async () => {
  const service = serviceWith(older);
  await book(service);
  for (const rules of [newer, older, newer]) expect(await run(service, rules, true)).toHaveLength(4);
  expect(await startsIn(service)).toEqual(['2030-12-02T08:00', '2030-12-09T08:00', '2030-12-16T08:00']);
});

test('nothing moves by the rules that a series was booked by', async () => {
  const service = serviceWith(newer);
  await book(service);
  expect(await run(service, newer, true)).toEqual([]);
});

test('a session that was moved alone, has begun, or is not scheduled any more, stays', async () => {
  const service = serviceWith(older);
  const [, second, third] = await book(service);
  await service.call('rescheduleSession', { id: second?.id as string, start: at('2030-12-09', '15:00:00') });
  await service.call('cancelSession', { id: third?.id as string, cancelledBy: Party.CLIENT });
  expect(await run(service, newer, true, Date.parse('2030-12-02T09:00:00Z'))).toEqual([]);
});

test('a session that was moved alone moves again once its series took it back', async () => {
  const service = serviceWith(older);
  const [first] = await book(service);
  await service.call('rescheduleSession', { id: first?.id as string, start: at('2030-12-02', '15:00:00') });
  await service.call('rescheduleSeries', { seriesId: first?.seriesId as string, localStart: '2030-12-02T09:00' });
  expect(await run(service, newer, true)).toEqual([TITLE, ...MOVES]);
});

test('a session whose new time is over stays', async () => {
  const service = serviceWith(older);
  await book(service, { recurrence: 'FREQ=WEEKLY;COUNT=1' });
  expect(await run(service, newer, true, Date.parse('2030-12-02T08:30:00Z'))).toEqual([
    TITLE,
    `${MOVES[0]}, stays: it would have begun already`,
  ]);
});

test('a session stays when something is in its way, and moves when that is gone', async () => {
  const service = serviceWith(older);
  await book(service);
  const other = { coachHashId: 'carol', clientHashId: 'dora', start: at('2030-12-09', '07:30:00'), duration: 60 };
  const { session } = await service.call('scheduleSession', { session: other });
  const stays = `${MOVES[1]}, stays: COACH_OVERLAP from 2030-12-09T07:30:00Z to 2030-12-09T08:30:00Z`;
  expect(await run(service, newer, false)).toEqual([TITLE, MOVES[0], stays, MOVES[2]]);
  expect(await run(service, newer, true)).toEqual([TITLE, MOVES[0], stays, MOVES[2]]);
  await service.call('cancelSession', { id: session?.id as string, cancelledBy: Party.COACH });
  expect(await run(service, newer, true)).toEqual([TITLE, MOVES[1]]);
});

test.each([
  ['earlier', older, newer],
  ['later', newer, older],
])('sessions that touch move %s all together', async (_, before, after) => {
  const service = serviceWith(before);
  for (const time of ['09:00', '08:00', '10:00']) await book(service, { localStart: `2030-12-02T${time}` });
  const listed = await run(service, after, false);
  expect(listed.filter((line) => line.includes('stays'))).toEqual([]);
  expect(await run(service, after, true)).toEqual(listed);
  expect(await run(service, after, true)).toEqual([]);
});

test('a session in a zone that has no rules any more stays', async () => {
  const service = serviceWith(older);
  await book(service, { timeZone: 'Other/Where', recurrence: 'FREQ=WEEKLY;COUNT=1' });
  expect(await run(service, newer, true)).toEqual([
    TITLE,
    '  1: 2030-12-02T09:00:00 Other/Where, 2030-12-02T07:00:00Z, stays: Other/Where is not the IANA name of a time zone',
  ]);
});

test("moves them against the coach's policy, as what was agreed is the wall time, and the events say so", async () => {
  const service = serviceWith(older);
  await book(service);
  await commandProcess(service.store).submit(submissionOf(setPolicy({ maxPerDay: 0, notice: 525_600 })));
  expect(await run(service, newer, true)).toEqual([TITLE, ...MOVES]);
  const events = await readAll(service.store, 'coach-carol');
  const moved = events.filter(({ type }) => type.endsWith('.SessionRescheduled'));
  expect(moved.map(({ data }) => (data as { ignoredPolicy?: boolean }).ignoredPolicy)).toEqual([true, true, true]);
});
