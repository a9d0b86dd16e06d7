import type pg from 'pg';
import type { ListKey, TimeOffFilter, TimeOffQueries, TimeOffRow } from '../../src/application/read-model.js';
import { type Condition, changing, constant, following, type Order, ofWhom, timeValue } from '../conditions.js';
import type { LongReads } from '../long-reads.js';
import type { PackedRow } from '../packed-row.js';
import { createPages, type Listed } from '../pages.js';
import { query } from '../query.js';
import { columnName, type RowOf } from '../table.js';
import { timeOffTable } from './time-off-table.js';

type Row = RowOf<typeof timeOffTable>;

const FIELDS = [
  'id',
  'startsAt',
  'endsAt',
  'firstDate',
  'lastDate',
  'reason',
  'source',
  'externalId',
  'createdAt',
] as const satisfies readonly (keyof Row)[];

/** The fields of a row as JSON has them: null for what is undefined. */
type Item = { readonly [Field in (typeof FIELDS)[number]]: OrNull<Row[Field]> };

type OrNull<Value> = undefined extends Value ? Exclude<Value, undefined> | null : Value;

/** As JSON: reasons and ids of callers may have any character, also the one that separates the columns of other rows. */
const PACKED: PackedRow<TimeOffRow> = {
  expression: `json_build_object(${FIELDS.map((field) => `'${field}', ${expressionOf(field)}`)})::text`,
  unpack: (text) => rowOf(JSON.parse(text) as Item),
};

const TIME_OFF: Listed<TimeOffRow> = { table: 'time_off', alias: 'time_off', packed: PACKED };

const ORDER: Order = { column: columnName(timeOffTable, 'startsAt'), isReversed: false };

/**
 * Queries over `read_model.time_off`.
 * @param longReads where lists are read that are no short scan of an index
 */
export function createTimeOffQueries(pool: pg.Pool, longReads: LongReads = () => pool): TimeOffQueries {
  const readPage = createPages(TIME_OFF, pool, longReads);
  return {
    async get(coachHashId, id) {
      const [row] = await query<{ item: string }>(pool, {
        name: 'time off by id',
        text: `
          select ${PACKED.expression} as item
          from read_model.time_off time_off
          where id = $1 and coach_hash_id = $2 and removed_at is null`,
        values: [id, coachHashId],
      });
      return row && PACKED.unpack(row.item);
    },

    list(filter, after, limit, reader) {
      // What ended long ago stays in the table, and of a source there may be little.
      const isShort = filter.from === undefined && filter.source === undefined;
      return readPage({ conditions: conditionsOf(filter, after), order: ORDER, limit }, isShort, reader);
    },
  };
}

function expressionOf(field: (typeof FIELDS)[number]): string {
  const column = `time_off.${columnName(timeOffTable, field)}`;
  const { type } = timeOffTable.columns[field];
  return ('toRead' in type && type.toRead?.(column)) || column;
}

function rowOf({ id, startsAt, endsAt, firstDate, lastDate, reason, source, externalId, createdAt }: Item): TimeOffRow {
  const isOfDates = firstDate !== null;
  return {
    timeOffId: id,
    start: isOfDates ? undefined : startsAt,
    end: isOfDates ? undefined : endsAt,
    firstDate: firstDate ?? undefined,
    lastDate: lastDate ?? undefined,
    reason: reason ?? undefined,
    source: source ?? undefined,
    externalId: externalId ?? undefined,
    startsAt,
    // What counts has it.
    createdAt: createdAt!,
  };
}

function conditionsOf({ coachHashId, from, to, source }: TimeOffFilter, after: ListKey | undefined): Condition[] {
  return [
    ...ofWhom({ coachHashId }),
    COUNTS,
    ...(to === undefined ? [] : [startsBefore(to)]),
    ...(from === undefined ? [] : [endsAfter(from)]),
    ...(source === undefined ? [] : [constant('source', 'text', source, 'source')]),
    ...following(after, ORDER),
  ];
}

const COUNTS = changing('counts', [], ({ others }) => `${others}.removed_at is null`);

/** By how much the time of whole dates, which the table has in UTC, may be another one in the zone of the coach. */
function slack(rows: string): string {
  return `case when ${rows}.first_date is null then interval '0' else interval '24 hours' end`;
}

function startsBefore(to: number): Condition {
  // With the first condition, the index ends the scan.
  return changing(
    'to',
    [timeValue(to)],
    ({ key, others }, time) => `
      ${key}.starts_at < ${time}::timestamptz + interval '24 hours'
      and ${key}.starts_at - ${slack(others)} < ${time}::timestamptz`,
  );
}

function endsAfter(from: number): Condition {
  // With the first condition, the index passes over what ended long before.
  return changing(
    'from',
    [timeValue(from)],
    ({ others }, time) => `
      ${others}.ends_at > ${time}::timestamptz - interval '24 hours'
      and ${others}.ends_at + ${slack(others)} > ${time}::timestamptz`,
  );
}
