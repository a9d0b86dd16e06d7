import pg from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.js';

test('smoke', async () => {
  const db = await createTestDatabase();
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await client.end();
  await db.drop();
});
