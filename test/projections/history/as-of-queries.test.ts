import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAsOfQuery } from '../../../projections/history/as-of-queries.js';
import { PACKED_SESSION, querySessions } from '../../../projections/sessions/session-queries.js';
import type { AsOf, SessionFilter, SessionRow } from '../../../src/application/read-model.js';
import { type Asked, commands, type Happened, happen } from '../histories.js';
import { NOON, openWorld, project, recorded, type World } from '../support.js';

const MINUTE = 60_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function list(...query: Parameters<typeof listAsOfQuery>): Promise<SessionRow[]> {
  return querySessions(world.pool, listAsOfQuery(...query));
}

/** The whole list, by the plainest query for it: it looks every session up and compares what it finds. */
function plainList(filter: SessionFilter, asOf: AsOf): Promise<SessionRow[]> {
  const { coachHashId, clientHashId, seriesId, states, from, to, newestFirst } = filter;
  const direction = newestFirst ? 'desc' : 'asc';
  const isoTime = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
  const past = 'time' in asOf ? 'decided_at <= $1::timestamptz' : 'revision <= $1::bigint';
  return querySessions(world.pool, {
    text: `
      select ${PACKED_SESSION.expression} as item
      from read_model.sessions booked
      cross join lateral (
        select *, session_id as id, decided_at as updated_at
        from read_model.session_history
        where session_id = booked.id and ${past} and type <> 'SessionReminderDue'
        order by revision desc
        limit 1
      ) session
      where ($2::text is null or session.coach_hash_id = $2)
        and ($3::text is null or session.client_hash_id = $3)
        and ($4::uuid is null or session.series_id = $4)
        and ($5::text[] is null or session.state = any($5))
        and ($6::timestamptz is null or session.start + session.duration * interval '1 minute' > $6)
        and ($7::timestamptz is null or session.start < $7)
      order by session.start ${direction}, session.id ${direction}`,
    values: [
      'time' in asOf ? isoTime(asOf.time) : asOf.revision,
      ...[coachHashId, clientHashId, seriesId, states, isoTime(from), isoTime(to)],
    ],
  });
}

/** Commands that move much, of processes whose clocks differ: some are decided before the one before. */
const movingCommands = fc
  .tuple(commands, fc.infiniteStream(fc.constantFrom(1, 1, -1)))
  .map(([asked, signs]): Asked[] => {
    return asked.map(({ type, minutesLater, ...one }) => ({
      ...one,
      type: type.includes('Hold') ? 'RescheduleSession' : type,
      minutesLater: minutesLater * signs.next().value,
    }));
  });

function seldom<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

/** A question about a history. The numbers choose among what the history has. */
const question = fc.record({
  isByTime: fc.boolean(),
  when: fc.nat(1_000),
  msAfter: fc.constantFrom(-1, 0, 1),
  of: fc.constantFrom('coach', 'client', 'both'),
  series: seldom(fc.nat()),
  states: seldom(
    fc.uniqueArray(fc.constantFrom<SessionRow['state']>('scheduled', 'cancelled', 'completed', 'no_show')),
  ),
  newestFirst: fc.boolean(),
  from: seldom(fc.integer({ min: -2, max: 40 })),
  to: seldom(fc.integer({ min: -2, max: 40 })),
  limit: fc.integer({ min: 1, max: 5 }),
});

type Question = typeof question extends fc.Arbitrary<infer Value> ? Value : never;

/** What is asked of the coach ann and the client bob, mostly about a time or revision at which something moved. */
function askedOf(happened: readonly Happened[], suffix: string, asked: Question): [SessionFilter, AsOf] {
  const events = happened.flatMap((one) => one.events);
  const ofAnn = events.filter(({ coachHashId }) => coachHashId === `ann${suffix}`);
  const times = events.flatMap((event) => ('rescheduledAt' in event ? event.rescheduledAt : []));
  const series = events.flatMap((event) => (event.type === 'SeriesScheduled' ? event.seriesId : []));
  const isByTime = asked.isByTime || asked.of === 'client';
  const filter = {
    ...(asked.of !== 'client' && { coachHashId: `ann${suffix}` }),
    ...(asked.of !== 'coach' && { clientHashId: `bob${suffix}` }),
    ...(asked.series !== undefined && { seriesId: series[asked.series % series.length] ?? randomUUID() }),
    ...(asked.states !== undefined && { states: asked.states }),
    newestFirst: asked.newestFirst,
    ...(asked.from !== undefined && { from: NOON + asked.from * 30 * MINUTE }),
    ...(asked.to !== undefined && { to: NOON + asked.to * 30 * MINUTE }),
  };
  if (!isByTime) return [filter, { revision: asked.when % (ofAnn.length + 1) }];
  return [filter, { time: (times[asked.when % times.length] ?? NOON) + asked.msAfter }];
}

test('the pages of a list make up what the plainest query lists, whatever happened and is asked', async () => {
  await fc.assert(
    fc.asyncProperty(movingCommands, fc.array(question, { minLength: 20, maxLength: 20 }), async (asked, questions) => {
      const suffix = `-${randomUUID()}`;
      const happened = happen(asked, suffix);
      if (happened.length > 0) await project(world.pool, ...recorded(...happened.flatMap(({ events }) => events)));
      for (const one of questions) {
        const [filter, asOf] = askedOf(happened, suffix, one);
        const expected = await plainList(filter, asOf);
        for (let place = 0; place <= expected.length; place += one.limit) {
          const last = expected[place - 1];
          const page = await list(filter, asOf, last && { time: last.start, id: last.id }, one.limit);
          expect(page).toEqual(expected.slice(place, place + one.limit));
        }
      }
    }),
    // To shrink a failure takes minutes.
    { numRuns: 20, endOnFailure: true },
  );
});

describe('among many sessions', () => {
  const BOOKED = Date.parse('2030-01-01T00:00:00Z');
  const SESSIONS = 20_000;
  const LIMIT = 101;

  // A booking a minute for the time a day later. One of ten is moved by an hour after half a day. All are completed a day
  // after they began.
  beforeAll(async () => {
    await world.pool.query(`
      truncate read_model.sessions, read_model.session_history;
      create temporary table booking as
      select n, md5(n::text)::uuid as id, timestamptz '2030-01-01Z' + n * interval '1 minute' as at
      from generate_series(1, ${SESSIONS}) n;
      insert into read_model.session_history (
        session_id, revision, type, decided_at, position, coach_hash_id, client_hash_id, start, duration, state, created_at
      )
      select id, row_number() over (order by change.at) - 1, change.type, change.at, 0, 'ann', 'bob',
        booking.at + interval '1 day' + case when n % 10 = 0 and change.nr > 1 then 1 else 0 end * interval '1 hour',
        60, change.state, booking.at
      from booking cross join lateral (values
        (1, 'SessionScheduled', at, 'scheduled'),
        (2, 'SessionRescheduled', at + interval '12 hours', 'scheduled'),
        (3, 'SessionCompleted', at + interval '2 days', 'completed')
      ) as change (nr, type, at, state)
      where n % 10 = 0 or change.nr <> 2;
      insert into read_model.sessions (
        id, coach_hash_id, client_hash_id, start, duration, state, revision, created_at, updated_at
      )
      select distinct on (session_id)
        session_id, coach_hash_id, client_hash_id, start, duration, state, revision, created_at, decided_at
      from read_model.session_history order by session_id, revision desc`);
    await world.pool.query('vacuum analyze read_model.sessions, read_model.session_history');
  });

  interface PlanNode {
    readonly 'Node Type': string;
    readonly 'Index Name'?: string;
    readonly 'Actual Rows': number;
    readonly 'Actual Loops': number;
    readonly Plans?: readonly PlanNode[];
  }

  /** What a query reads, by the names of the indexes. */
  async function readBy(query: ReturnType<typeof listAsOfQuery>) {
    const { text, values = [] } = query;
    const { rows } = await world.pool.query({ text: `explain (analyze, format json) ${text}`, values });
    const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
    const all = nodes(rows[0]['QUERY PLAN'][0].Plan);
    expect(all.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    return (index: string) => all.filter((node) => node['Index Name'] === index);
  }

  const loopsOf = (nodes: readonly PlanNode[]) => nodes.reduce((sum, node) => sum + node['Actual Loops'], 0);

  /** After half of the bookings, when 73 sessions are still to be moved. */
  const half = { time: BOOKED + (SESSIONS / 2) * MINUTE };
  const to = NOON + 3_650 * 24 * 60 * MINUTE;

  test.each<[string, SessionFilter, AsOf, number]>([
    ['sessions_by_coach', { coachHashId: 'ann' }, half, 73],
    ['sessions_by_client', { clientHashId: 'bob' }, half, 73],
    ['sessions_by_coach', { coachHashId: 'ann', from: BOOKED, to }, half, 73],
    ['sessions_by_coach', { coachHashId: 'ann' }, { revision: 2 * SESSIONS }, 0],
  ])('a page by %s looks up what it lists, and what was moved since', async (index, filter, asOf, movedSince) => {
    for (const after of [undefined, { time: BOOKED + 3_000 * MINUTE, id: randomUUID() }]) {
      const read = await readBy(listAsOfQuery(filter, asOf, after, LIMIT));
      expect(loopsOf(read('session_history_pkey'))).toBeLessThanOrEqual(LIMIT + movedSince);
      const [inOrder, ...others] = read(index);
      expect(others).toEqual([]);
      expect(inOrder!['Actual Rows']).toBe(LIMIT);
    }
  });

  test.each<[string, SessionFilter]>([
    ['coach', { coachHashId: 'ann' }],
    ['client', { clientHashId: 'bob' }],
  ])('what a %s booked after the time is passed over in the index', async (of, filter) => {
    const read = await readBy(listAsOfQuery(filter, { time: BOOKED + 10 * MINUTE }, undefined, LIMIT));
    expect(read(`sessions_by_${of}`)).toMatchObject([{ 'Node Type': 'Index Only Scan' }]);
    expect(read(`moves_by_${of}`)).toMatchObject([{ 'Node Type': 'Index Only Scan' }]);
    expect(loopsOf(read('session_history_pkey'))).toBe(10);
  });

  test('sessions that were moved are looked up in a hash table, however small the memory is', async () => {
    const { text, values = [] } = listAsOfQuery({ coachHashId: 'ann' }, { revision: 0 }, undefined, LIMIT);
    const client = await world.pool.connect();
    try {
      await client.query("begin; set local work_mem = '64kB'; set local hash_mem_multiplier = 1");
      const { rows } = await client.query({ text: `explain ${text}`, values });
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('hashed SubPlan');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });
});
