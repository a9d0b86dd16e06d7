import type pg from 'pg';
import type { AcceptedRequest, RequestIndex } from '../../src/application/coach/requests.js';
import type { Freshness } from '../../src/application/read-model.js';
import { ask } from '../ask.js';

/**
 * The index of accepted commands, over `read_model.requests`.
 * @param freshness of the projection `sessions`, which writes that table
 */
export function createRequestIndex(pool: pg.Pool, freshness: Freshness): RequestIndex {
  return {
    async find(requestIds, upTo) {
      await freshness.reached(upTo, new AbortController().signal);
      const rows = await ask<AcceptedRequest & { requestId: string }>(pool, {
        name: 'requests by id',
        text: `
          select request_id as "requestId", coach_hash_id as "coachHashId", fingerprint, revision
          from read_model.requests
          where request_id = any($1)`,
        values: [requestIds],
      });

      const found = new Map<string, AcceptedRequest[]>();
      for (const { requestId, ...request } of rows) {
        const requests = found.get(requestId);
        if (requests) requests.push(request);
        else found.set(requestId, [request]);
      }
      return found;
    },
  };
}
