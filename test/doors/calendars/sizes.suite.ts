import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { MAX_BYTES } from '../../../src/calendars/read/calendar-reader.js';
import { scheduleSession, syncTimeOff } from '../../support/doors.js';
import { type Call, coachWith, responseOf } from '../offering/samples.js';
import { base64, documentOf } from './documents.js';

/** The size of the largest request that is no document, by default. */
const MAX_REQUEST_BYTES = 256 * 1024;

/** What is refused for its size. */
const TOO_LARGE = { code: 'ResourceExhausted' };

/** A document may be larger than other requests, and makes no room for anything else. */
export function sizes(call: Call): void {
  const sync = (bytes: number) =>
    call(syncTimeOff, { coach_hash_id: randomUUID(), source: 'google', calendar: base64(documentOf(bytes)) });
  const items = (count: number) => Array.from({ length: count }, () => ({ reason: 'x'.repeat(80) }));

  describe('a request', () => {
    test('may be as large as the largest document', async () => {
      expect(responseOf(await sync(MAX_BYTES))).toMatchObject({ added: 1 });
    });

    test('with a larger document is refused', async () => {
      const rule = 'the document is too large: it may have at most 1,048,576 bytes; got 1,048,577';
      expect(await sync(MAX_BYTES + 1)).toMatchObject({ code: 'InvalidArgument', violations: [['calendar', rule]] });
    });

    test('that is large without a document is refused', async () => {
      const request = { coach_hash_id: randomUUID(), source: 'google' };
      for (const calendar of [undefined, base64(documentOf(1_000))]) {
        const answer = await call(syncTimeOff, { ...request, time_off: items(5_000), ...(calendar && { calendar }) });
        expect(answer).toMatchObject({ code: 'ResourceExhausted' });
      }
    });

    test('of another method is refused as before', async () => {
      const { session } = await coachWith(call);
      const client_hash_id = 'x'.repeat(MAX_REQUEST_BYTES + 1);
      const answer = await call(scheduleSession, { session: session('2030-04-01T09:00:00Z', { client_hash_id }) });
      expect(answer).toMatchObject(TOO_LARGE);
    });
  });
}
