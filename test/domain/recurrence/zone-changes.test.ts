import { expect, test } from 'vitest';
import type { SeriesScheduled, SessionRescheduled, SessionScheduled } from '../../../src/domain/coach/events.js';
import { followSeries } from '../../../src/domain/recurrence/zone-changes.js';
import { readZoneRules } from '../../../src/domain/zones/zone-rules.js';
import { occurrenceRescheduled, occurrenceScheduled, seriesScheduled } from '../../support/coach-samples.js';
import { NEWER } from '../../support/zone-releases.js';

const HOUR = 3_600_000;
const NINE = Date.parse('2031-01-06T09:00:00Z');
const wallTime = { localStart: '2031-01-06T09:00:00', start: NINE };

/** A series of one session at 09:00, as the release before there were versions booked it. */
const series: SeriesScheduled = { ...seriesScheduled(), timeZone: 'Some/Where', zoneRulesVersion: undefined };
const booked: SessionScheduled = { ...occurrenceScheduled(1), ...wallTime };

/** A move, as that release recorded it. */
const moved = (other: Partial<SessionRescheduled>): SessionRescheduled => {
  return { ...occurrenceRescheduled(1, 0), ...wallTime, zoneRulesVersion: undefined, ...other };
};

/** The starts of the sessions that would move, by rules that have their wall times an hour earlier. */
function movingAfter(...moves: SessionRescheduled[]): number[] {
  const follower = followSeries();
  for (const [revision, event] of [series, booked, ...moves].entries()) follower.note(event, revision);
  return follower.changes(readZoneRules(NEWER), 0).map(({ session }) => session.start);
}

test('without versions, a session is where its series has it', () => {
  expect(movingAfter()).toEqual([NINE]);
});

test('a move to another wall time is one of the series', () => {
  const ten = { localStart: '2031-01-06T10:00:00', start: NINE + HOUR };
  expect(movingAfter(moved(ten))).toEqual([NINE + HOUR]);
});

test('a move to another time, with the same wall time, is one of the session alone', () => {
  expect(movingAfter(moved({ start: NINE + HOUR }))).toEqual([]);
});

test('a session that came back to its time is where its series has it', () => {
  expect(movingAfter(moved({ start: NINE + HOUR }), moved({}))).toEqual([NINE]);
});
