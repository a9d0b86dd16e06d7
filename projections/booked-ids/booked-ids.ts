import type { BookedIds } from '../../src/application/read-model.js';
import { arrayParameter } from '../../src/postgres/array-parameter.js';
import { type Queryable, query } from '../query.js';

/** Looks ids up among those of sessions and holds. */
export function createBookedIds(pool: Queryable): BookedIds {
  return {
    async among(ids) {
      const rows = await query<{ id: string }>(pool, {
        name: 'booked ids',
        text: `
          select id from read_model.sessions where id = any(${arrayParameter(1, 'uuid')})
          union
          select id from read_model.holds where id = any(${arrayParameter(1, 'uuid')})`,
        values: [ids],
      });
      return rows.map(({ id }) => id);
    },
  };
}
