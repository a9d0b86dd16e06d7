/** What a team would do without events: Fastify, pg, and exclusion constraints. */
import pg from 'pg';
import { POOL, serve } from './exclusion.js';

const pool = new pg.Pool({ connectionString: POOL.url, max: POOL.size });

await serve({
  script: (text) => pool.query(text),
  async run(name, text, values) {
    const { rows, rowCount } = await pool.query({ name, text, values: [...values] });
    return { rows, count: rowCount ?? 0 };
  },
});
