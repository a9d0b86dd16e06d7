import type pg from 'pg';
import type { HoldQueries, HoldRow } from '../../src/application/read-model.js';
import { ask } from '../ask.js';
import { milliseconds } from '../sessions/session-rows.js';

/** Queries over `read_model.holds`. */
export function createHoldQueries(pool: pg.Pool): HoldQueries {
  return {
    async get(id) {
      const [row] = await ask<HoldRow>(pool, {
        name: 'hold by id',
        text: `
          select
            id,
            coach_hash_id as "coachHashId",
            client_hash_id as "clientHashId",
            ${milliseconds('start')} as start,
            duration,
            state,
            ${milliseconds('held_at')} as "heldAt",
            ${milliseconds('expires_at')} as "expiresAt"
          from read_model.holds
          where id = $1`,
        values: [id],
      });
      return row;
    },
  };
}
