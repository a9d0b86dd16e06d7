import type pg from 'pg';
import type { HoldQueries, HoldRow } from '../../src/application/read-model.js';
import { query, selectList } from '../query.js';
import { holdsTable } from './holds-table.js';

/** Queries over `read_model.holds`. */
export function createHoldQueries(pool: pg.Pool): HoldQueries {
  return {
    async get(id) {
      const [row] = await query<HoldRow>(pool, {
        name: 'hold by id',
        text: `select ${selectList(holdsTable, 'hold')} from read_model.holds hold where id = $1`,
        values: [id],
      });
      return row;
    },
  };
}
