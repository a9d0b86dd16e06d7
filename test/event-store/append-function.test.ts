import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { type ExpectedRevision, NO_STREAM } from '../../src/event-store/event-store.js';
import { type Append, callAppend } from '../../src/event-store/postgres/append-call.js';
import { migrate } from '../../src/postgres/migrate.js';
import { createPool } from '../../src/postgres/pool.js';
import { createTestDatabase } from '../support/database.js';
import { anEvent } from '../support/event-store-samples.js';

async function openLog() {
  const { url, drop } = await createTestDatabase();
  await migrate(url, 'event_store', new URL('../../src/event-store/postgres/migrations', import.meta.url));
  const pool = createPool(url, { max: 1, applicationName: 'test', log: pino({ level: 'silent' }) });
  afterAll(async () => {
    await pool.end();
    await drop();
  });
  return pool;
}

const [before, now] = [await openLog(), await openLog()];

/** The appends as the function takes them that came before. */
function asJson(appends: readonly Append[]): string[] {
  const events = appends.flatMap((append, index) =>
    append.events.map((event, nth) => {
      const content = { data: JSON.parse(event.data), metadata: JSON.parse(event.metadata) };
      return { append: index + 1, nr: nth + 1, ...event, ...content };
    }),
  );
  const heads = appends.map(({ stream, expected, events }) => {
    return { stream, expected: expected === 'any' ? null : Number(expected), size: events.length };
  });
  return [JSON.stringify(heads), JSON.stringify(events)];
}

async function callBefore(appends: readonly Append[]) {
  const text = 'select revision, position from event_store.append($1::json, $2::json)';
  const { rows } = await before.query(text, asJson(appends));
  return rows.map(({ revision, position }) =>
    position === null ? { outcome: 'conflict', actual: revision } : { outcome: 'appended', revision, position },
  );
}

const LOG = 'select position, stream, revision, id, type, data, metadata from event_store.events order by position';

/** Of few streams, so that they meet; a stream may be named again and again, but once in a call. */
const calls = fc.array(
  fc.uniqueArray(
    fc.record({
      stream: fc.integer({ min: 0, max: 4 }),
      expected: fc.oneof(
        { weight: 3, arbitrary: fc.constant('head' as const) },
        { weight: 1, arbitrary: fc.integer({ min: -1, max: 4 }) },
        { weight: 1, arbitrary: fc.constant('any' as const) },
      ),
      size: fc.integer({ min: 1, max: 3 }),
      // Sends what an earlier append had, or the beginning of it, again.
      again: fc.option(fc.nat({ max: 20 }), { freq: 3 }),
    }),
    { minLength: 1, maxLength: 4, selector: ({ stream }) => stream },
  ),
  { minLength: 1, maxLength: 12 },
);

test('property: the appends of a call have the outcomes, and leave the log, that they had by JSON', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (wanted) => {
      const prefix = randomUUID();
      const heads = new Map<string, bigint>();
      const sent: Append[] = [];
      for (const call of wanted) {
        const appends = call.map(({ stream: nr, expected, size, again }): Append => {
          const stream = `${prefix}-${nr}`;
          const earlier = again === null ? undefined : sent.filter((append) => append.stream === stream)[again];
          if (earlier) return { ...earlier, events: earlier.events.slice(0, size) };
          const revision: ExpectedRevision =
            expected === 'any' ? expected : expected === 'head' ? (heads.get(stream) ?? NO_STREAM) : BigInt(expected);
          return { stream, expected: revision, events: Array.from({ length: size }, (_, n) => anEvent({ n })) };
        });
        sent.push(...appends);
        const { results, head } = await callAppend(now, appends);
        expect(results).toEqual(await callBefore(appends));
        for (const [index, result] of results.entries()) {
          const { stream } = appends[index]!;
          if (result.outcome === 'conflict') heads.set(stream, result.actual);
          else if (result.position > head) heads.set(stream, result.revision);
        }
      }
      const [old, current] = await Promise.all([before.query(LOG), now.query(LOG)]);
      expect(current.rows).toEqual(old.rows);
    }),
    { numRuns: 60 },
  );
});

test('events of one call have the time that it answers', async () => {
  const stream = randomUUID();
  const { recordedAt } = await callAppend(now, [{ stream, expected: NO_STREAM, events: [anEvent(), anEvent()] }]);
  const { rows } = await now.query(
    `select distinct round(1000 * date_part('epoch', recorded_at)) as at from event_store.events where stream = $1`,
    [stream],
  );
  expect(rows).toEqual([{ at: recordedAt }]);
});
