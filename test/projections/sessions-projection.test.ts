import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFreshness } from '../../projections/freshness.js';
import { createHistoryQueries } from '../../projections/history/history-queries.js';
import { createRequestIndex } from '../../projections/requests/request-queries.js';
import { createSessionQueries } from '../../projections/sessions/session-queries.js';
import { sessions } from '../../projections/sessions-projection.js';
import type { AsOf, SessionFilter, SessionRow } from '../../src/application/read-model.js';
import { coachStream } from '../../src/domain/coach/coach.js';
import { Cancellation } from '../../src/waiting.js';
import { commands, happen } from './histories.js';
import { NOON, READER, recorded, run, scheduled, stored, testWorld } from './support.js';

const END_OF_TIME = Date.parse('9999-12-31T23:59:59.999Z');
const never = new Cancellation();

/** A world in which the projection runs. */
async function projectedWorld() {
  const world = await testWorld();
  const freshness = createFreshness({ pool: world.pool, projection: sessions.name, timeLimit: 20_000 });
  run(sessions, world, { onPosition: freshness.report });
  return { ...world, freshness };
}

test('a booking is found with its request id as soon as its position is reached', async () => {
  const { store, pool, freshness } = await projectedWorld();
  const booking = scheduled();
  const events = [stored(scheduled()), stored(booking, { requestId: 'r-1', requestFingerprint: 'f' })];
  const appended = await store.append('coach-ann', 'any', events);
  if (appended.outcome !== 'appended') throw new Error('not appended');
  await freshness.reached(appended.position, never);

  expect(await createSessionQueries(pool).get(booking.sessionId)).toMatchObject({ revision: 1 });
  expect(await createRequestIndex(pool, freshness).find(['r-1'], appended.position)).toEqual(
    new Map([['r-1', [{ coachHashId: 'ann', fingerprint: 'f', revision: 1n }]]]),
  );
});

test('an event that the codec does not know is refused', () => {
  const [event] = recorded(scheduled());
  expect(() => sessions.changesOf({ ...event!, type: 'aceup.scheduler.v9.SessionScheduled' })).toThrow('unknown type');
});

test('reads of a past time give what was read then, and reads as of now what is read now', async () => {
  const { store, pool, freshness } = await projectedWorld();
  const live = createSessionQueries(pool);
  const history = createHistoryQueries(pool, sessions.name);
  const listed = (filter: SessionFilter) => live.list(filter, undefined, 1_000, READER);
  const listedAsOf = (filter: SessionFilter, asOf: AsOf) => history.list(filter, asOf, undefined, 1_000);

  await fc.assert(
    fc.asyncProperty(commands, async (asked) => {
      const suffix = `-${randomUUID()}`;
      const filters: SessionFilter[] = [
        { clientHashId: `bob${suffix}` },
        { clientHashId: `bob${suffix}`, states: ['scheduled'] },
        { coachHashId: `ann${suffix}` },
        { coachHashId: `ann${suffix}`, clientHashId: `cat${suffix}`, from: NOON, to: NOON + 4 * 3_600_000 },
      ];
      /** Of the coach ann by revision, of whatever filter by time. */
      const byRevision = new Map<number, readonly SessionRow[]>();
      const byTime = new Map<number, (readonly SessionRow[])[]>();

      for (const { coachHashId, at, events } of happen(asked, suffix)) {
        const facts = events.map((event) => stored(event));
        const appended = await store.append(coachStream(coachHashId), 'any', facts);
        if (appended.outcome !== 'appended') throw new Error('not appended');
        await freshness.reached(appended.position, never);
        byTime.set(at, await Promise.all(filters.map(listed)));
        if (coachHashId !== `ann${suffix}`) continue;
        byRevision.set(Number(appended.revision), await listed({ coachHashId }));
      }

      const now = [...byTime.values()].at(-1) ?? [];
      for (const [time, lists] of [...byTime, [END_OF_TIME, now] as const]) {
        for (const [nr, list] of lists.entries()) expect(await listedAsOf(filters[nr]!, { time })).toEqual(list);
        for (const session of lists[0] ?? []) expect(await history.get(session.id, { time })).toEqual(session);
      }
      const ofAnn = { coachHashId: `ann${suffix}` };
      for (const [past, list] of byRevision) expect(await listedAsOf(ofAnn, { revision: past })).toEqual(list);
      expect(await listedAsOf(ofAnn, { revision: Number.MAX_SAFE_INTEGER })).toEqual(await listed(ofAnn));
      for (const session of await listed(ofAnn)) {
        const changes = await history.changes(session.id, undefined, 1_000);
        expect(changes.at(-1)?.session).toEqual(session);
        expect(changes[0]).toMatchObject({ type: 'SessionScheduled', session: { updatedAt: session.scheduledAt } });
      }
    }),
    { numRuns: 8 },
  );
});
