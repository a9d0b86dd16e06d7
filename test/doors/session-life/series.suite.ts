import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import {
  cancelSeries,
  cancelSession,
  getSeries,
  holdSlot,
  listSeries,
  listSessions,
  rescheduleSeries,
  rescheduleSession,
  scheduleSeries,
  scheduleSession,
} from '../../support/doors.js';
import {
  type Call,
  MONDAYS,
  responseOf,
  seriesIdIn,
  sessionsIn,
  startsIn,
  tokenIn,
  wanted,
  wantedSeries,
} from './samples.js';

/** A series without its etag. */
function unversioned(series: JsonObject | undefined): JsonObject {
  const { etag: _, ...others } = series ?? {};
  return others;
}

/** The life of a series. */
export function series(call: Call): void {
  describe('a series', () => {
    test('keeps its wall time when clocks are put forward', async () => {
      const series = wantedSeries();
      const answer = await call(scheduleSeries, { series });
      expect(answer).toMatchObject({
        code: 'OK',
        response: {
          series: {
            ...series,
            local_start: '2030-03-18T09:30:00',
            id: expect.any(String),
            zone_rules_version: '2026f',
          },
        },
      });
      expect(startsIn(answer)).toEqual(MONDAYS);
      expect(sessionsIn(answer).map(({ occurrence }) => occurrence)).toEqual([1, 2, 3, 4, 5]);
      const listed = await call(listSessions, { series_id: seriesIdIn(answer) });
      expect(sessionsIn(listed)).toEqual(sessionsIn(answer));
    });

    /** A coach and a client that are busy on some of the Mondays. */
    async function withConflicts(): Promise<JsonObject> {
      const series = wantedSeries();
      const { coach_hash_id, client_hash_id } = series as Record<string, string>;
      const ofCoach = { ...wanted({ start: MONDAYS[1] as string }), coach_hash_id: coach_hash_id as string };
      const ofClient = { ...wanted({ start: MONDAYS[3] as string }), client_hash_id: client_hash_id as string };
      const held = { ...wanted({ start: MONDAYS[4] as string }), coach_hash_id: coach_hash_id as string };
      await call(scheduleSession, { session: ofCoach });
      await call(scheduleSession, { session: ofClient });
      await call(holdSlot, { hold: held });
      return series;
    }

    const CONFLICTS = [
      [2, 'COACH_OVERLAP'],
      [4, 'CLIENT_OVERLAP'],
      [5, 'SLOT_HELD'],
    ];

    test('is booked whole or not at all, and every conflict is listed', async () => {
      const series = await withConflicts();
      expect(await call(scheduleSeries, { series })).toEqual({
        code: 'AlreadyExists',
        reason: 'SERIES_CONFLICT',
        conflicts: CONFLICTS,
        violations: [],
        retry: false,
      });
      const listed = await call(listSessions, { client_hash_id: series['client_hash_id'] as string });
      expect(startsIn(listed)).toEqual([MONDAYS[3]]);
    });

    test('leaves out the conflicting occurrences when asked to', async () => {
      const series = await withConflicts();
      const request = { series, skip_conflicts: true, request_id: randomUUID() };
      const answer = await call(scheduleSeries, request);
      expect(startsIn(answer)).toEqual([MONDAYS[0], MONDAYS[2]]);
      const skipped = responseOf(answer)['skipped'] as unknown as JsonObject[];
      expect(skipped.map(({ occurrence, reason }) => [occurrence, reason])).toEqual(CONFLICTS);
      expect(await call(scheduleSeries, request)).toEqual(answer);
    });

    test('that is only validated is not booked', async () => {
      const series = wantedSeries();
      const answer = await call(scheduleSeries, { series, validate_only: true });
      expect(startsIn(answer)).toEqual(MONDAYS);
      expect(seriesIdIn(answer)).toBeUndefined();
      const { coach_hash_id } = series as Record<string, string>;
      expect(startsIn(await call(listSessions, { coach_hash_id: coach_hash_id as string }))).toEqual([]);
    });

    test('is moved from an occurrence on, over itself', async () => {
      const series_id = seriesIdIn(await call(scheduleSeries, { series: wantedSeries() }));
      const move = { series_id, from_occurrence: 2, local_start: '2030-03-26T10:00', duration: 90 };
      expect(startsIn(await call(rescheduleSeries, move))).toEqual([
        '2030-03-26T09:00:00Z',
        '2030-04-02T08:00:00Z',
        '2030-04-09T08:00:00Z',
        '2030-04-16T08:00:00Z',
      ]);
      const back = await call(rescheduleSeries, { series_id, from_occurrence: 2, local_start: '2030-03-26T10:30' });
      expect(startsIn(back)[0]).toBe('2030-03-26T09:30:00Z');
      expect(responseOf(back)).toMatchObject({ zone_rules_version: '2026f' });
      expect(startsIn(await call(listSessions, { series_id }))).toHaveLength(5);
    });

    test('stays as it was when it cannot be moved whole', async () => {
      const booked = await call(scheduleSeries, { series: wantedSeries() });
      const { coach_hash_id, client_hash_id } = responseOf(booked)['series'] as Record<string, string>;
      const ofClient = { ...wanted({ start: '2030-04-02T07:30:00Z' }), client_hash_id: client_hash_id as string };
      const ofCoach = { ...wanted({ start: '2030-04-09T07:30:00Z' }), coach_hash_id: coach_hash_id as string };
      await call(scheduleSession, { session: ofClient });
      await call(scheduleSession, { session: ofCoach });
      const move = { series_id: seriesIdIn(booked), local_start: '2030-03-19T09:30' };
      expect(await call(rescheduleSeries, move)).toMatchObject({
        reason: 'SERIES_CONFLICT',
        conflicts: [
          [3, 'CLIENT_OVERLAP'],
          [4, 'COACH_OVERLAP'],
        ],
      });
      expect(sessionsIn(await call(listSessions, { series_id: seriesIdIn(booked) }))).toEqual(sessionsIn(booked));
    });

    test('is called off from an occurrence on, as far as it is still scheduled', async () => {
      const booked = await call(scheduleSeries, { series: wantedSeries() });
      const series_id = seriesIdIn(booked);
      const third = sessionsIn(booked)[2]?.['id'] as string;
      await call(cancelSession, { id: third, cancelled_by: 'PARTY_COACH' });
      const off = { series_id, from_occurrence: 2, cancelled_by: 'PARTY_ORGANIZATION', reason: 'moved away' };
      const answer = await call(cancelSeries, off);
      expect(sessionsIn(answer).map(({ occurrence }) => occurrence)).toEqual([2, 4, 5]);
      expect(sessionsIn(answer)[0]).toMatchObject({ cancelled_by: 'PARTY_ORGANIZATION', reason: 'moved away' });
      expect(await call(cancelSeries, off)).toMatchObject({ code: 'FailedPrecondition', reason: 'SERIES_OVER' });
      const scheduled = { series_id, state: 'SESSION_STATE_SCHEDULED' };
      expect(startsIn(await call(listSessions, scheduled))).toEqual([MONDAYS[0]]);
    });

    test('is read as it was booked, with its sessions as they are and what was skipped', async () => {
      const wantedOne = await withConflicts();
      const booked = await call(scheduleSeries, { series: wantedOne, skip_conflicts: true });
      const { consistency_token: _, ...asBooked } = responseOf(booked);
      const series_id = seriesIdIn(booked);
      expect(responseOf(await call(getSeries, { series_id }))).toEqual(asBooked);
      expect(asBooked['series']).toMatchObject({ created_at: sessionsIn(booked)[0]?.['created_at'] });

      // Now the third is before the first, and keeps its place.
      const third = sessionsIn(booked)[1]?.['id'] as string;
      await call(rescheduleSession, { id: third, start: '2030-03-17T08:30:00Z' });
      const later = await call(getSeries, { series_id: series_id.toUpperCase() });
      expect(sessionsIn(later).map(({ occurrence }) => occurrence)).toEqual([1, 3]);
      expect(startsIn(later)).toEqual([MONDAYS[0], '2030-03-17T08:30:00Z']);
      // Its version is the only thing that has changed.
      expect(unversioned(responseOf(later)['series'])).toEqual(unversioned(asBooked['series']));
      expect(responseOf(later)['series']?.['etag']).not.toBe(asBooked['series']?.['etag']);
    });

    test('is found again by its coach or its client, and by the time of its sessions', async () => {
      const booked = await call(scheduleSeries, { series: wantedSeries() });
      const series = responseOf(booked)['series'] as JsonObject;
      const { coach_hash_id, client_hash_id } = series as Record<string, string>;
      const found = async (query: JsonObject) => {
        const listed = (responseOf(await call(listSeries, query))['series'] ?? []) as unknown as JsonObject[];
        expect(listed.every(({ etag = '' }) => etag === '')).toBe(true);
        return listed.map(unversioned);
      };
      expect(await found({ coach_hash_id: coach_hash_id as string })).toEqual([unversioned(series)]);
      expect(await found({ client_hash_id: client_hash_id as string, to: MONDAYS[0] as string })).toEqual([]);
      const last = { client_hash_id: client_hash_id as string, from: MONDAYS[4] as string };
      expect(await found(last)).toEqual([unversioned(series)]);
      await call(cancelSeries, { series_id: seriesIdIn(booked), from_occurrence: 5, cancelled_by: 'PARTY_COACH' });
      expect(await found(last)).toEqual([]);
    });

    test('is listed with others page by page, the first or the last one first', async () => {
      const client_hash_id = randomUUID();
      const booked: string[] = [];
      for (const local_start of ['2030-03-18T09:30', '2030-03-18T11:00', '2030-03-18T13:00']) {
        booked.push(seriesIdIn(await call(scheduleSeries, { series: wantedSeries({ client_hash_id, local_start }) })));
      }
      for (const newest_first of [false, true]) {
        const query = { client_hash_id, newest_first, page_size: 2 };
        const first = await call(listSeries, query);
        const second = await call(listSeries, { ...query, page_token: tokenIn(first) });
        const listed = [first, second].flatMap((page) => responseOf(page)['series'] as unknown as JsonObject[]);
        expect(listed.map(({ id }) => id)).toEqual(newest_first ? booked.toReversed() : booked);
        expect(tokenIn(second)).toBe('');
      }
    });

    test('that does not exist is NOT_FOUND', async () => {
      const series_id = randomUUID();
      const answers = [
        await call(getSeries, { series_id }),
        await call(cancelSeries, { series_id, cancelled_by: 'PARTY_COACH' }),
        await call(rescheduleSeries, { series_id, local_start: '2030-03-26T10:00' }),
      ];
      expect(answers.map(({ code }) => code)).toEqual(['NotFound', 'NotFound', 'NotFound']);
    });
  });
}
