import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Call, ON_SESSIONS, sessionAfter } from './samples.js';

/** A stale etag is refused, and a request that is sent again gets the first answer. */
export function versions(call: Call): void {
  describe('etags and requests that are sent again', () => {
    test.each(ON_SESSIONS)('%s is refused when the session has changed since', async (_, method, request) => {
      const { id, etag } = await sessionAfter(call, 'reschedule');
      const stale = { ...request, id: id as string, etag: String(Number(etag) - 1) };
      expect(await call(method, stale)).toMatchObject({ code: 'Aborted', reason: 'STALE_ETAG' });
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
