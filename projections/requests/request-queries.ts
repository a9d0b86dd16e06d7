import type pg from 'pg';
import type { AcceptedRequest, RequestIndex } from '../../src/application/coach/requests.js';
import type { Freshness } from '../../src/application/read-model.js';
import { arrayParameter } from '../../src/postgres/array-parameter.js';
import { Cancellation } from '../../src/waiting.js';
import { query, selectList } from '../query.js';
import type { RowOf } from '../table.js';
import { requestsTable } from './requests-table.js';

/**
 * The index of accepted commands, over `read_model.requests`.
 * @param freshness of the projection `sessions`, which writes that table
 */
export function createRequestIndex(pool: pg.Pool, freshness: Freshness): RequestIndex {
  return {
    async find(keys, upTo) {
      await freshness.reached(upTo, new Cancellation());
      const rows = await query<RowOf<typeof requestsTable>>(pool, {
        name: 'requests by id',
        text: `select ${selectList(requestsTable, 'request')} from read_model.requests request where request_id = any(${arrayParameter(1, 'text')})`,
        values: [keys],
      });

      const byKey = new Map<string, AcceptedRequest[]>();
      for (const { key, ...request } of rows) {
        const requests = byKey.get(key);
        if (requests) requests.push(request);
        else byKey.set(key, [request]);
      }
      return byKey;
    },
  };
}
