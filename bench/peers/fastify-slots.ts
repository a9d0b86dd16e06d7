/**
 * Free slots as a team would compute them: in Postgres, from the service's own table of sessions and a table of hours.
 * Fastify checks the request and writes the answer.
 */
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { MOST_SLOTS, SLOT_HOURS } from '../load/requests.js';
import { createApp, listen } from './session-api.js';

const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['POOL_SIZE'] ?? 20),
});
const FREE_SLOTS = readFileSync('bench/peers/free-slots.sql', 'utf8');

await pool.query(`
  create table if not exists coach_hours
    (coach_hash_id text, weekday integer, opens interval, closes interval, time_zone text);
  create index if not exists coach_hours_by_coach on coach_hours (coach_hash_id);`);
await pool.query(
  `insert into coach_hours
   select distinct coach_hash_id, weekday, $1::interval, $2::interval, $3
   from read_model.sessions, generate_series(1, 7) weekday
   where not exists (select from coach_hours)`,
  [SLOT_HOURS.from, SLOT_HOURS.to, SLOT_HOURS.timeZone],
);
await pool.query('analyze coach_hours');

const TIME = { type: 'string', format: 'date-time' };
const SLOT = {
  type: 'object',
  properties: {
    coach_hash_id: { type: 'string' },
    start: { type: 'string' },
    end: { type: 'string' },
    local_start: { type: 'string' },
  },
};
const RESPONSE = { 200: { type: 'object', properties: { slots: { type: 'array', items: SLOT } } } };
const SEARCH = { from: TIME, to: TIME, duration: { type: 'integer', minimum: 1, maximum: 1440 } };

interface Search {
  readonly from: string;
  readonly to: string;
  readonly duration: number;
}

async function freeSlots(coaches: readonly string[], { from, to, duration }: Search) {
  const { rows } = await pool.query<{ coach_hash_id: string; start: Date }>({
    name: 'free slots',
    text: FREE_SLOTS,
    values: [coaches, from, to, duration, MOST_SLOTS],
  });
  return {
    slots: rows.map(({ coach_hash_id, start }) => ({
      coach_hash_id,
      start: start.toISOString(),
      end: new Date(start.getTime() + duration * 60_000).toISOString(),
      local_start: start.toISOString(),
    })),
  };
}

const app = createApp();
app.get<{ Params: { id: string }; Querystring: Search }>(
  '/api/v1/coaches/:id/slots',
  {
    schema: {
      querystring: { type: 'object', required: ['from', 'to', 'duration'], properties: SEARCH },
      response: RESPONSE,
    },
  },
  ({ params, query }) => freeSlots([params.id], query),
);
app.post<{ Body: Search & { coach_hash_ids: string[] } }>(
  '/api/v1/slots::find',
  {
    schema: {
      body: {
        type: 'object',
        required: ['coach_hash_ids', 'from', 'to', 'duration'],
        properties: { coach_hash_ids: { type: 'array', maxItems: 100, items: { type: 'string' } }, ...SEARCH },
      },
      response: RESPONSE,
    },
  },
  ({ body }) => freeSlots(body.coach_hash_ids, body),
);
await listen(app);
