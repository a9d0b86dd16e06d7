/** The same as fastify-exclusion with postgres.js, which sends statements without waiting for the answers before. */
import postgres from 'postgres';
import { POOL, serve, type Value } from './exclusion.js';

const sql = postgres(POOL.url, { max: POOL.size, onnotice: () => {} });

await serve({
  script: (text) => sql.unsafe(text).simple(),
  async run<Row extends object>(_name: string, text: string, values: readonly Value[]) {
    const rows = await sql.unsafe<Row[]>(text, [...values], { prepare: true });
    return { rows, count: rows.count };
  },
});
