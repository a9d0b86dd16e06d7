import type pg from 'pg';
import type { HoldFilter, HoldQueries, HoldRow, ListKey } from '../../src/application/read-model.js';
import type { HoldState } from '../../src/domain/coach/hold.js';
import { type Condition, changing, following, inTime, isOfOne, type Order, ofWhom, timeValue } from '../conditions.js';
import type { LongReads } from '../long-reads.js';
import { packedRow } from '../packed-row.js';
import { createPages, type Listed } from '../pages.js';
import { query, selectList } from '../query.js';
import { holdsTable } from './holds-table.js';

const HOLDS: Listed<HoldRow> = { table: 'holds', alias: 'hold', packed: packedRow(holdsTable, 'hold') };

/**
 * Queries over `read_model.holds`.
 * @param longReads where lists are read that are no short scan of an index
 */
export function createHoldQueries(pool: pg.Pool, longReads: LongReads = () => pool): HoldQueries {
  const readPage = createPages(HOLDS, pool, longReads);
  return {
    async get(id) {
      const [row] = await query<HoldRow>(pool, {
        name: 'hold by id',
        text: `select ${selectList(holdsTable, 'hold')} from read_model.holds hold where id = $1`,
        values: [id],
      });
      return row;
    },

    list(filter, now, after, limit, reader) {
      const order = { column: 'start', isReversed: filter.newestFirst ?? false };
      const page = { conditions: conditionsOf(filter, now, after, order), order, limit };
      return readPage(page, isOfOne(filter) && filter.states === undefined, reader);
    },
  };
}

function conditionsOf(filter: HoldFilter, now: number, after: ListKey | undefined, order: Order): Condition[] {
  const { states } = filter;
  return [
    ...ofWhom(filter),
    ...(states === undefined ? [] : [inState(states, now)]),
    ...inTime(filter),
    ...following(after, order),
  ];
}

/** An open hold has expired once its time has run out, whether or not an event said so. */
function inState(states: readonly HoldState[], now: number): Condition {
  return changing(
    'states',
    [['text', states.join()], timeValue(now)],
    ({ others }, list, time) => `
      case when ${others}.state = 'open' and ${others}.expires_at <= ${time}::timestamptz then 'expired'
      else ${others}.state end = any(string_to_array(${list}, ','))`,
  );
}
