import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  bigint,
  boolean,
  date,
  integer,
  nullable,
  safeBigint,
  text,
  timestamp,
  uuid,
} from '../../projections/column-types.js';
import { createCopyBuffer } from '../../projections/copy-rows.js';
import { packedRow } from '../../projections/packed-row.js';
import { add, type Change, liveTable, put as putChange } from '../../projections/projection.js';
import { query, selectList } from '../../projections/query.js';
import { isUniqueViolation, type NewRows, putChanges, removeOthers } from '../../projections/statements.js';
import type { Columns, Table } from '../../projections/table.js';
import { connectionSettings } from '../../src/postgres/pool.js';
import { NOON, openWorld, type World } from './support.js';

interface Visit {
  readonly placeId: string;
  readonly day: number;
  readonly guest: string;
  readonly note: string | undefined;
  readonly rank: number;
  readonly endedAt: number | undefined;
  readonly paidOn: string | undefined;
  readonly isPaid: boolean | undefined;
  readonly revision: bigint;
}

const visits: Table<Visit> = {
  name: 'visits',
  comment: 'Visits.',
  key: ['placeId', 'day'],
  keep: 'latest',
  columns: {
    placeId: { type: uuid, of: (visit) => visit.placeId, comment: 'Where.' },
    day: { type: integer, of: (visit) => visit.day, comment: 'When.' },
    guest: { type: text, of: (visit) => visit.guest, comment: 'Who.' },
    note: { type: nullable(text), of: (visit) => visit.note, comment: 'Why.' },
    rank: { name: 'place_in_line', type: safeBigint, of: (visit) => visit.rank, comment: 'In which order.' },
    endedAt: { type: nullable(timestamp), of: (visit) => visit.endedAt, comment: 'How long.' },
    paidOn: { type: nullable(date), of: (visit) => visit.paidOn, comment: 'When it was paid.' },
    isPaid: { type: nullable(boolean), of: (visit) => visit.isPaid, comment: 'Whether it was paid.' },
    revision: { type: bigint, of: (visit) => visit.revision, comment: 'As of which event.' },
  },
};

/** The same columns in a table that keeps the first row of a key. */
const firstVisits: Table<Visit> = { ...visits, keep: 'first' };

const placeId = '01890000-0000-7000-8000-00000000000f';

const visit: Visit = {
  placeId,
  day: 1,
  guest: 'ann',
  note: undefined,
  rank: 0,
  endedAt: undefined,
  paidOn: undefined,
  isPaid: undefined,
  revision: 4n,
};

/** The visit after later events. */
const second: Visit = { ...visit, guest: 'eve', endedAt: NOON, revision: 5n };
const third: Visit = { ...visit, guest: 'bob', revision: 6n };

let world: World;
let client: pg.Client;
beforeAll(async () => {
  world = await openWorld();
  client = await connect('test');
  await client.query(`
    create table read_model.visits (
      revision bigint not null, place_id uuid, day integer, guest text not null, note text, place_in_line bigint,
      ended_at timestamptz, paid_on date, is_paid boolean
    )`);
});
afterAll(async () => {
  await client.end();
  await world.close();
});
beforeEach(() => client.query('truncate read_model.visits'));

async function connect(applicationName: string): Promise<pg.Client> {
  const connection = new pg.Client(connectionSettings(world.url, applicationName, 3_000, 10_000));
  connection.on('error', () => {});
  await connection.connect();
  return connection;
}

/** Puts batch after batch of rows into the table, as a live run does, which knows the first row of a key or does not. */
async function putLive(table: Table<Visit>, batches: readonly Visit[][], newRows: NewRows = 'put'): Promise<void> {
  await client.query('alter table read_model.visits add primary key (place_id, day)');
  const known = new Set<number>();
  try {
    for (const rows of batches) {
      const changes = rows.map((row) => {
        const isNew = !known.has(row.day);
        known.add(row.day);
        return isNew ? add(table, row) : putChange(table, row);
      });
      await client.query(putChanges(new Map<Table, Change[]>([[table, changes]]), liveTable, newRows));
    }
  } finally {
    await client.query('alter table read_model.visits drop constraint visits_pkey');
  }
}

/** Puts batch after batch of rows into the empty table, as a rebuild does. */
async function putCopied(table: Table<Visit>, batches: readonly Visit[][]): Promise<void> {
  await client.query('begin; truncate read_model.visits');
  try {
    for (const rows of batches) await copied(client, table, rows);
  } finally {
    await client.query('commit');
  }
  await client.query(removeOthers(table, 'read_model.visits'));
}

const { guest: anyText, ...others } = visits.columns;
/** Whole rows, the text that may be anything at their end. */
const packed = packedRow({ ...visits, columns: { ...others, guest: anyText } as Columns<Visit> }, 'visit');

/** The rows that the table has, read by columns and in one piece. */
async function copied(connection: pg.Client, table: Table<Visit>, rows: readonly Visit[]): Promise<void> {
  const buffer = createCopyBuffer(table);
  for (const row of rows) buffer.add(row);
  await buffer.copyTo(connection, 'read_model.visits');
}

async function visited(): Promise<Visit[]> {
  const rest = 'from read_model.visits visit order by visit.place_id, visit.day, visit.revision';
  const rows = await query<Visit>(world.pool, { text: `select ${selectList(visits, 'visit')} ${rest}` });
  const pieces = await query<{ row: string }>(world.pool, { text: `select ${packed.expression} as row ${rest}` });
  // In one piece, an empty text that may be absent is.
  expect(pieces.map(({ row }) => packed.unpack(row))).toEqual(
    rows.map((row) => ({ ...row, note: row.note || undefined })),
  );
  return rows;
}

describe.each([
  ['put by statements', (table: Table<Visit>, rows: Visit[][]) => putLive(table, rows)],
  ['inserted where they are new', (table: Table<Visit>, rows: Visit[][]) => putLive(table, rows, 'inserted')],
  ['copied', putCopied],
])('%s', (_, put) => {
  /** The row that the table has after the batches, which may be of one key only. */
  async function rowAfter(...batches: Visit[][]): Promise<Visit> {
    await put(visits, batches);
    const [row, ...others] = await visited();
    expect(others).toEqual([]);
    return row!;
  }

  test('a row has each value in its column, and null where it has none', async () => {
    expect(await rowAfter([visit])).toEqual(visit);
    const ended = { ...visit, note: 'late', endedAt: NOON, revision: 5n };
    await client.query('truncate read_model.visits');
    expect(await rowAfter([ended])).toEqual(ended);
  });

  test.each([
    ['what Postgres takes for an absent value', 'NULL'],
    ['quotes, braces, commas and backslashes', '{"a",\'b\'\\N}'],
    ['lines, tabs and separators', 'a\n\tb\r\x1fc'],
    ['nothing', ''],
    ['letters of all lengths', 'aä€😀'],
    ['a text of many bytes', 'ä'.repeat(100_000)],
  ])('a text may be %s', async (_, guest) => {
    expect(await rowAfter([{ ...visit, guest }])).toEqual({ ...visit, guest });
  });

  test.each(['0001-01-01T00:00:00.001Z', '1969-12-31T23:59:59.999Z', '9999-12-30T23:59:59.999Z'])(
    'a time is kept to the millisecond: %s',
    async (time) => {
      const endedAt = Date.parse(time);
      expect(await rowAfter([{ ...visit, endedAt }])).toEqual({ ...visit, endedAt });
    },
  );

  test.each([
    ['0001-01-01', true],
    ['1999-12-31', false],
    ['2000-02-29', true],
    ['9999-12-31', false],
  ])('dates and answers are kept: %s, %s', async (paidOn, isPaid) => {
    expect(await rowAfter([{ ...visit, paidOn, isPaid }])).toEqual({ ...visit, paidOn, isPaid });
  });

  test('what is no date is refused', async () => {
    await expect(put(visits, [[{ ...visit, paidOn: '2030-02-30' }]])).rejects.toThrow('not a date: 2030-02-30');
    expect(await visited()).toEqual([]);
  });

  test.each([
    [0, 0, 0n],
    [-(2 ** 31), Number.MIN_SAFE_INTEGER, -(2n ** 63n)],
    [-1, -1, -1n],
    [2 ** 31 - 1, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n],
  ])('numbers may be as small or large as the column: %d, %d, %d', async (day, rank, revision) => {
    expect(await rowAfter([{ ...visit, day, rank, revision }])).toEqual({ ...visit, day, rank, revision });
  });

  test.each(['', 'x', placeId.replaceAll('-', '_'), placeId.replace('f', 'g'), `${placeId}0`])(
    'what is no UUID is refused: %s',
    async (id) => {
      await expect(put(visits, [[{ ...visit, placeId: id }]])).rejects.toThrow();
      expect(await visited()).toEqual([]);
    },
  );

  test('many rows may come at once', async () => {
    const rows = Array.from({ length: 5_000 }, (_, day) => ({ ...visit, day, guest: `guest ${day}` }));
    await put(visits, [rows]);
    expect(await visited()).toEqual(rows);
  });

  test.each([
    ['at once', [[visit, second, third]]],
    ['one after the other', [[visit], [second], [third]]],
  ])('of rows with the same key the latest stays, or the first: %s', async (_, batches) => {
    const other = { ...visit, day: 2 };
    await put(visits, [[other], ...batches]);
    expect(await visited()).toEqual([third, other]);
    await client.query('truncate read_model.visits');
    await put(firstVisits, [[other], ...batches]);
    expect(await visited()).toEqual([visit, other]);
  });
});

test('an inserted row is refused when there is one with its key', async () => {
  await putLive(visits, [[visit]]);
  const refused = await putLive(visits, [[third]], 'inserted').catch((error) => error);
  expect(isUniqueViolation(refused)).toBe(true);
  expect(await visited()).toEqual([visit]);
});

test('rows that are put come to the same when they were taken for new', async () => {
  await client.query('alter table read_model.visits add primary key (place_id, day)');
  onTestFinished(() => void client.query('alter table read_model.visits drop constraint visits_pkey'));
  const changes = [visit, second, third].map((row) => add(visits, row));
  await client.query(putChanges(new Map<Table, Change[]>([[visits, changes]]), liveTable, 'put'));
  expect(await visited()).toEqual([third]);
});

test('rows that are written again change nothing', async () => {
  await putLive(visits, [[visit], [second], [third], [visit], [second]]);
  expect(await visited()).toEqual([third]);
  await client.query('truncate read_model.visits');
  await putLive(firstVisits, [[visit], [second], [visit]]);
  expect(await visited()).toEqual([visit]);
});

/** Rows as events would leave them one after the other, of few days, in batches. */
const batches = fc
  .array(fc.record({ day: fc.nat(4), guest: fc.string(), note: fc.option(fc.string(), { nil: undefined }) }))
  .map((rows) => rows.map((row, nr): Visit => ({ ...visit, ...row, revision: BigInt(nr) })))
  .chain((rows) => fc.tuple(fc.constant(rows), fc.nat(rows.length), fc.nat(rows.length)))
  .map(([rows, a, b]) => [
    rows.slice(0, Math.min(a, b)),
    rows.slice(Math.min(a, b), Math.max(a, b)),
    rows.slice(Math.max(a, b)),
  ]);

test.each([visits, firstVisits])(
  'copied rows come to what statements write, whatever happened: $keep',
  async (table) => {
    await fc.assert(
      fc.asyncProperty(batches, async (rows) => {
        await client.query('truncate read_model.visits');
        await putLive(table, rows);
        const live = await visited();
        await client.query('truncate read_model.visits');
        await putLive(table, rows, 'inserted');
        expect(await visited()).toEqual(live);
        await client.query('truncate read_model.visits');
        await putCopied(table, rows);
        expect(await visited()).toEqual(live);
      }),
      { numRuns: 20 },
    );
  },
);

test('a connection that is lost while rows are copied fails the copy', async () => {
  const copying = await connect('copying');
  await client.query('begin; lock table read_model.visits');
  const failed = expect(copied(copying, visits, [visit])).rejects.toThrow('terminating connection');
  const waiting = "select from pg_stat_activity where application_name = 'copying' and wait_event_type = 'Lock'";
  await expect.poll(async () => (await world.pool.query(waiting)).rowCount).toBe(1);
  await world.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'copying'");
  await failed;
  await client.query('rollback');
});
