import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import pg from 'pg';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { runningDatabaseUrl } from '../../src/embedded-postgres/embedded-postgres.js';
import { NO_STREAM } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { createPool } from '../../src/postgres/pool.js';
import { commands, happen } from '../projections/histories.js';
import { project, recorded } from '../projections/support.js';
import { query, useStage } from '../support/embedded-stage.js';

const DOCUMENT = new URL('../../docs/operations.md', import.meta.url);

const { newDirectory, start } = useStage();
const log = pino({ level: 'silent' });

/** The SQL that the document gives for analysts: what an administrator runs, what the service's role runs, and queries. */
async function documented(): Promise<{ administrator: string; service: string[]; queries: string[] }> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [section = ''] = text.match(/^## Analysts$.*?(?=^## )/ms) ?? [];
  const blocks = [...section.matchAll(/^```sql$(.*?)^```$/gms)].map(([, sql = '']) => sql);
  return {
    administrator: blocks.filter((sql) => /^create role/m.test(sql)).join(),
    service: blocks.filter((sql) => /^grant/m.test(sql)),
    queries: blocks.filter((sql) => /^select/m.test(sql)),
  };
}

/** The read model of some coaches, in an embedded PostgreSQL with the role as the document makes it. */
async function worldOfAnAnalyst(): Promise<{ service: string; analyst: string }> {
  const dataDir = await newDirectory();
  const { url: service } = await start(dataDir);
  const store = await openEventStore(service, log);
  const event = { id: randomUUID(), type: 'SessionScheduled.v1', data: '{}', metadata: '{}' };
  await store.append('coach-1', NO_STREAM, [event]);
  await migrateReadModel(service);
  await query(service, "insert into read_model.checkpoints (projection, position) values ('sessions', 0)");
  const pool = createPool(service, { max: 1, applicationName: 'test', log });
  const events = fc.sample(commands, { numRuns: 20, seed: 1 }).flatMap((asked, nr) => happen(asked, `-${nr}`));
  await project(pool, ...recorded(...events.flatMap((happened) => happened.events)));
  await Promise.all([store.close(), pool.end()]);

  const { administrator, service: grants } = await documented();
  await query(await runningDatabaseUrl(dataDir, new AbortController().signal, 'superuser'), administrator);
  for (const sql of grants) await query(service, sql);
  const [, username, password] = /create role (\w+) login password '([^']+)'/.exec(administrator)!;
  return { service, analyst: Object.assign(new URL(service), { username, password }).href };
}

let world: Awaited<ReturnType<typeof worldOfAnAnalyst>>;
beforeEach(async () => {
  world = await worldOfAnAnalyst();
});

test('an analyst can do what the document says, and no more', async () => {
  const { queries } = await documented();
  expect(queries.length).toBeGreaterThan(6);
  const client = new pg.Client({ connectionString: world.analyst });
  await client.connect();
  try {
    for (const sql of queries) expect((await client.query(sql)).rows).toBeInstanceOf(Array);
    const behind = queries.find((sql) => sql.includes('events_behind'))!;
    expect((await client.query(behind)).rows).toEqual([{ projection: 'sessions', events_behind: '1' }]);

    await client.query('set default_transaction_read_only = off');
    for (const sql of [
      'delete from read_model.sessions',
      'select * from read_model.snapshots',
      'select * from read_model.snapshot_segments',
      'select * from read_model.migrations',
      'select data from event_store.events',
      'select url from calendars.sources',
      'select count(*) from event_store.migrations',
      'create table read_model.mine ()',
      'create table public.mine ()',
    ]) {
      await expect(client.query(sql), sql).rejects.toThrow('permission denied');
    }
    await query(world.service, 'create table read_model.later ()');
    await expect(client.query('select * from read_model.later')).rejects.toThrow('permission denied');
  } finally {
    await client.end();
  }
});
