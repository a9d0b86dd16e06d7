import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands, happen } from '../projections/histories.js';
import { project, recorded, testWorld } from '../projections/support.js';

const DOCUMENT = new URL('../../docs/operations.md', import.meta.url);

/** The SQL that the document gives for analysts, block by block: a role first, then queries. */
async function documented(): Promise<string[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [section = ''] = text.match(/^## Analysts$.*?(?=^## )/ms) ?? [];
  return [...section.matchAll(/^```sql$(.*?)^```$/gms)].map(([, sql = '']) => sql);
}

test('an analyst can do what the document says, and no more', async () => {
  const { pool } = await testWorld();
  const events = fc.sample(commands, { numRuns: 20, seed: 1 }).flatMap((asked, nr) => happen(asked, `-${nr}`));
  await project(pool, ...recorded(...events.flatMap((happened) => happened.events)));
  const [role, ...queries] = await documented();
  expect(queries.length).toBeGreaterThan(6);

  const client = await pool.connect();
  try {
    // Roles belong to the whole server: this one must not stay.
    await client.query(`begin; ${role}`);
    for (const query of queries) {
      // How many events are behind is for those who may see the events.
      await client.query(`set local role ${query.includes('event_store') ? 'none' : 'analyst'}`);
      await client.query(query);
    }
    await client.query('set local role analyst');
    await expect(client.query('delete from read_model.sessions')).rejects.toThrow('permission denied');
  } finally {
    await client.query('rollback');
    client.release();
  }
});
