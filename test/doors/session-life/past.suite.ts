import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  cancelSession,
  getSession,
  getSessionHistory,
  listSessions,
  rescheduleSeries,
  scheduleSeries,
} from '../../support/doors.js';
import {
  type Call,
  changesIn,
  PAST,
  responseOf,
  seriesIdIn,
  sessionAfter,
  sessionIn,
  sessionsIn,
  startsIn,
  wantedSeries,
} from './samples.js';

/** The times a microsecond after a time and a microsecond before it, as RFC 3339. */
function aMicrosecondAround(time: string): [after: string, before: string] {
  const at = (ms: number, microseconds: string) => new Date(ms).toISOString().replace('Z', `${microseconds}Z`);
  return [at(Date.parse(time), '001'), at(Date.parse(time) - 1, '999')];
}

/** What was, and how it came to be. */
export function past(call: Call): void {
  describe('the past', () => {
    test('a history has every change, with the session as the change left it', async () => {
      const { id } = await sessionAfter(call, 'reschedule');
      const cancel = { id: id as string, cancelled_by: 'PARTY_COACH', reason: 'ill', request_id: randomUUID() };
      await call(cancelSession, cancel);
      const history = changesIn(await call(getSessionHistory, { id: id as string }));
      expect(history).toMatchObject([
        { type: 'SessionScheduled', session: { state: 'SESSION_STATE_SCHEDULED', duration: 60 } },
        { type: 'SessionRescheduled', reason: 'ill', session: { duration: 30 } },
        { type: 'SessionCancelled', request_id: cancel.request_id, session: { cancelled_by: 'PARTY_COACH' } },
      ]);
      for (const change of history) {
        const then = { id: id as string, as_of_revision: (change['revision'] ?? '0') as string };
        expect(sessionIn(await call(getSession, then))).toEqual(change['session']);
      }
      const pages = [];
      for (let page_token = ''; pages.length === 0 || page_token; ) {
        const answer = await call(getSessionHistory, { id: id as string, page_size: 2, page_token });
        pages.push(changesIn(answer));
        page_token = (responseOf(answer)['next_page_token'] ?? '') as string;
      }
      expect(pages.map((page) => page.length)).toEqual([2, 1]);
      expect(pages.flat()).toEqual(history);
    });

    test('a list is answered as it was, and as of now as it is', async () => {
      const { id, coach_hash_id } = (await sessionAfter(call, 'nothing')) as Record<string, string>;
      const of = { coach_hash_id: coach_hash_id as string };
      const before = sessionsIn(await call(listSessions, of));
      const revision = before[0]?.['etag'] as string;
      await call(cancelSession, { id: id as string, cancelled_by: 'PARTY_CLIENT' });
      expect(sessionsIn(await call(listSessions, { ...of, as_of_revision: revision }))).toEqual(before);
      const created = before[0]?.['created_at'] as string;
      expect(sessionsIn(await call(listSessions, { ...of, as_of: created }))).toEqual(before);
      const [justAfter, justBefore] = aMicrosecondAround(created);
      expect(sessionsIn(await call(listSessions, { ...of, as_of: justAfter }))).toEqual(before);
      expect(sessionsIn(await call(listSessions, { ...of, as_of: justBefore }))).toEqual([]);
      expect(sessionsIn(await call(listSessions, { ...of, as_of: PAST }))).toEqual([]);
      const now = { ...of, as_of: '2100-01-01T00:00:00Z' };
      expect(sessionsIn(await call(listSessions, now))).toEqual(sessionsIn(await call(listSessions, of)));
      expect(await call(getSession, { id: id as string, as_of: PAST })).toMatchObject({ code: 'NotFound' });
    });

    test('a revision amid the move of a series means its end: nobody was ever double-booked', async () => {
      const series = wantedSeries({ recurrence: 'FREQ=DAILY;COUNT=5' });
      const of = { coach_hash_id: series['coach_hash_id'] as string };
      const series_id = seriesIdIn(await call(scheduleSeries, { series }));
      const booked = startsIn(await call(listSessions, of));
      // Each session moves to where the next one was.
      await call(rescheduleSeries, { series_id, local_start: '2030-03-19T09:30' });
      const moved = startsIn(await call(listSessions, of));
      const asOf = async (revision: number) =>
        startsIn(await call(listSessions, { ...of, as_of_revision: String(revision) }));
      // The event of the series itself, and one of each session.
      const all = [];
      for (let revision = 0; revision < 12; revision += 1) all.push(await asOf(revision));
      expect(new Set(all.map(String))).toEqual(new Set([String(booked), String(moved)]));
    });

    test('of a session that does not exist is NOT_FOUND', async () => {
      expect(await call(getSessionHistory, { id: randomUUID() })).toMatchObject({ code: 'NotFound' });
    });
  });
}
