import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  cancelSeries,
  cancelSession,
  confirmHold,
  getHold,
  getSeries,
  holdSlot,
  releaseHold,
  rescheduleSeries,
  scheduleSeries,
} from '../../support/doors.js';
import { type Call, holdIn, ON_SESSIONS, responseOf, sessionAfter, wanted, wantedSeries } from './samples.js';

/** A stale etag is refused, and a request that is sent again gets the first answer. */
export function versions(call: Call): void {
  describe('etags and requests that are sent again', () => {
    test.each(ON_SESSIONS)('%s is refused when the session has changed since', async (_, method, request) => {
      const { id, etag } = await sessionAfter(call, 'reschedule');
      const stale = { ...request, id: id as string, etag: String(Number(etag) - 1) };
      expect(await call(method, stale)).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
    });

    test('a command for a hold is refused unless the hold has the etag', async () => {
      const hold = holdIn(await call(holdSlot, { hold: wanted() })) as { id: string; etag: string };
      expect(hold.etag).not.toBe('');
      expect(holdIn(await call(getHold, { id: hold.id }))).toEqual(hold);
      const stale = { id: hold.id, etag: 'stale' };
      for (const method of [confirmHold, releaseHold]) {
        expect(await call(method, stale)).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
      }
      const released = holdIn(await call(releaseHold, { id: hold.id, etag: hold.etag }));
      expect(released).toMatchObject({ state: 'HOLD_STATE_RELEASED', etag: expect.not.stringMatching(hold.etag) });
      expect(holdIn(await call(getHold, { id: hold.id }))).toEqual(released);
    });

    test('a command for a series is refused when one of its sessions has changed since', async () => {
      const booked = responseOf(await call(scheduleSeries, { series: wantedSeries() }));
      const { id: series_id, etag } = booked['series'] as { id: string; etag: string };
      const [first] = booked['sessions'] as unknown as { id: string }[];
      expect(responseOf(await call(getSeries, { series_id }))['series']).toMatchObject({ etag });
      const move = { series_id, local_start: '2030-03-18T10:30' };
      const cancel = { series_id, cancelled_by: 'PARTY_COACH' };
      const moved = responseOf(await call(rescheduleSeries, { ...move, etag })) as unknown as { etag: string };
      expect(moved.etag).not.toBe(etag);
      expect(responseOf(await call(getSeries, { series_id }))['series']).toMatchObject({ etag: moved.etag });
      expect(await call(rescheduleSeries, { ...move, etag })).toMatchObject({ reason: 'STALE_ETAG' });

      await call(cancelSession, { id: first?.id as string, cancelled_by: 'PARTY_COACH' });
      expect(await call(cancelSeries, { ...cancel, etag: moved.etag })).toMatchObject({ reason: 'STALE_ETAG' });
      expect(await call(cancelSeries, cancel)).toMatchObject({ code: 'OK' });
    });

    test('what is only validated has no etag', async () => {
      const validate_only = true;
      expect(holdIn(await call(holdSlot, { hold: wanted(), validate_only }))['etag'] ?? '').toBe('');
      const validated = responseOf(await call(scheduleSeries, { series: wantedSeries(), validate_only }));
      expect(validated['series']?.['etag'] ?? '').toBe('');
    });

    test.each(ON_SESSIONS.slice(0, 4))('%s sent again gets the first answer', async (_, method, request) => {
      const { id, etag } = await sessionAfter(call, 'nothing');
      const command = { ...request, id: id as string, etag: etag as string, request_id: randomUUID() };
      const first = await call(method, command);
      expect(first.code).toBe('OK');
      expect(await call(method, command)).toEqual(first);
      const other = { ...command, etag: '' };
      expect(await call(method, other)).toMatchObject({ reason: 'REQUEST_ID_REUSED' });
    });
  });
}
