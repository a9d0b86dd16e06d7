import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { cancelSession, listSessions, rescheduleSession, scheduleSession } from '../../support/doors.js';
import { type Call, sessionIn, sessionsIn, startsIn, tokenIn, wanted } from './samples.js';

/** Lists of sessions: what can be asked for besides whose sessions, and when. */
export function lists(call: Call): void {
  describe('a list of sessions', () => {
    const STARTS = ['2030-05-01T07:00:00Z', '2030-05-01T08:00:00Z', '2030-05-01T09:00:00Z'];

    /** Three sessions of a coach that no other test has. */
    async function threeSessions() {
      const coach_hash_id = randomUUID();
      const sessions: JsonObject[] = [];
      for (const start of STARTS) {
        sessions.push(sessionIn(await call(scheduleSession, { session: wanted({ coach_hash_id, start }) })));
      }
      const list = (query: JsonObject = {}) => call(listSessions, { coach_hash_id, ...query });
      return { coach_hash_id, sessions, ids: sessions.map(({ id }) => id as string), list };
    }

    test('may be of several states, with the one state besides', async () => {
      const { ids, list } = await threeSessions();
      await call(cancelSession, { id: ids[1] as string, cancelled_by: 'PARTY_COACH' });
      const [scheduled, cancelled, noShow] = ['SCHEDULED', 'CANCELLED', 'NO_SHOW'].map(
        (name) => `SESSION_STATE_${name}`,
      );
      const starts = async (query: JsonObject) => startsIn(await list(query));
      expect(await starts({ states: [cancelled as string, noShow as string] })).toEqual([STARTS[1]]);
      expect(await starts({ states: [cancelled as string, scheduled as string] })).toEqual(STARTS);
      expect(await starts({ states: [noShow as string], state: cancelled as string })).toEqual([STARTS[1]]);
      expect(await list({ states: ['SESSION_STATE_UNSPECIFIED'] })).toMatchObject({
        violations: [['states[0]', 'must not be unspecified']],
      });
    });

    test('may be in reverse, page by page, also of the past', async () => {
      const { ids, list } = await threeSessions();
      const pages = async (query: JsonObject) => {
        const first = await list({ ...query, newest_first: true, page_size: 2 });
        const page_token = tokenIn(first);
        const second = await list({ ...query, newest_first: true, page_size: 2, page_token });
        expect(await list({ ...query, page_size: 2, page_token })).toMatchObject({
          violations: [['page_token', 'is from a request with other arguments']],
        });
        return [...startsIn(first), ...startsIn(second)];
      };
      expect(await pages({})).toEqual(STARTS.toReversed());
      await call(rescheduleSession, { id: ids[0] as string, start: '2030-05-01T11:00:00Z' });
      expect(await pages({ as_of_revision: '2' })).toEqual(STARTS.toReversed());
      expect(await pages({})).toEqual(['2030-05-01T11:00:00Z', STARTS[2], STARTS[1]]);
    });

    test('may have what changed after a time, in order of the changes', async () => {
      const { ids, list } = await threeSessions();
      const all = async (query: JsonObject) => sessionsIn(await list(query)).map(({ id }) => id);
      expect(await all({ updated_after: '2020-01-01T00:00:00Z' })).toEqual(ids);
      const moved = { id: ids[0] as string, duration: 30 };
      const updated_after = sessionIn(await call(rescheduleSession, moved))['updated_at'] as string;
      expect(await all({ updated_after: '2020-01-01T00:00:00Z' })).toEqual([ids[1], ids[2], ids[0]]);
      const page = { updated_after: '2020-01-01T00:00:00Z', page_size: 2 };
      expect(await all({ ...page, page_token: tokenIn(await list(page)) })).toEqual([ids[0]]);
      expect(await all({ updated_after })).toEqual([]);
      const just = new Date(Date.parse(updated_after) - 1).toISOString();
      expect(await all({ updated_after: just })).toContain(ids[0]);
    });

    test('of all coaches has what changed last', async () => {
      const { sessions, ids } = await threeSessions();
      const since = new Date(Date.parse(sessions[0]?.['updated_at'] as string) - 1).toISOString();
      const changed = sessionsIn(await call(listSessions, { updated_after: since, newest_first: true }));
      expect(changed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    });

    test('of the past has no changes after a time', async () => {
      const { list } = await threeSessions();
      const time = '2030-01-01T00:00:00Z';
      expect(await list({ updated_after: time, as_of: time })).toMatchObject({
        code: 'InvalidArgument',
        violations: [['updated_after', 'must be absent when as_of or as_of_revision is given']],
      });
    });

    test('has the fields that are asked for, of now or of the past', async () => {
      const { sessions, ids, list } = await threeSessions();
      const some = ids.map((id, nr) => ({ id, start: STARTS[nr] }));
      expect(sessionsIn(await list({ fields: ['id', 'start'] }))).toEqual(some);
      expect(sessionsIn(await list({ fields: ['start,id'], as_of_revision: '2' }))).toEqual(some);
      const clients = sessions.map(({ client_hash_id }) => ({ client_hash_id }));
      expect(sessionsIn(await list({ fields: ['clientHashId'] }))).toEqual(clients);
      expect(await list({ fields: ['id', 'coach'] })).toEqual({
        code: 'InvalidArgument',
        violations: [['fields[1]', 'must name fields of a session; got "coach"']],
        retry: false,
      });
    });
  });
}
