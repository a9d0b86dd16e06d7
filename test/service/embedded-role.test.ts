import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { migrateReadModel } from '../../projections/migrate-read-model.js';
import { findBinaries } from '../../src/embedded-postgres/binaries.js';
import { clusterUrl, openCluster } from '../../src/embedded-postgres/cluster.js';
import { runningDatabaseUrl } from '../../src/embedded-postgres/embedded-postgres.js';
import { freePort } from '../../src/embedded-postgres/port.js';
import { shutDown, startPostmaster } from '../../src/embedded-postgres/start-and-stop.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { copyDirectory, query, useStage } from '../support/embedded-stage.js';
import { buildService, runService, startServiceProcess } from '../support/service-process.js';

const { newDirectory, start } = useStage();
const log = pino({ level: 'silent' });
const never = new AbortController().signal;

/** What an operator may have added, as the superuser that every release before worked as. */
const ADDED = `
  create view read_model.cancelled as select * from read_model.sessions where state = 'cancelled';
  create schema reports;
  create table reports.kept (id serial primary key, answer integer);
  insert into reports.kept (answer) values (42);
  create materialized view public.answers as select count(*) from reports.kept;
  create sequence reports.alone;
  create type reports.mood as enum ('good', 'bad');
  create type reports.pair as (a integer, b integer);
  create domain reports.minutes as integer check (value > 0);
  create function reports.one() returns integer language sql as 'select 1';
  create procedure reports.nothing() language sql as '';
  create aggregate reports.total(integer) (sfunc = int4pl, stype = integer);
  create role analyst login;
  grant usage on schema read_model to analyst;
  grant select on read_model.sessions to analyst;`;

/** What the superuser owns in the database, beside what Postgres itself has made. */
const OWNED_BY_SUPERUSER = `
  with things as (
    select relnamespace as schema, relname::text as name, relowner as owner from pg_class where relkind <> 'i'
    union all select pronamespace, proname, proowner from pg_proc
    union all select typnamespace, typname, typowner from pg_type
    union all select oid, nspname, nspowner from pg_namespace
  )
  select name from things
  where owner = 'postgres'::regrole and schema in (
    select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  )`;

/** A data directory as the releases before made it: the superuser owns everything in it. No test may touch it. */
let sample: string;

beforeAll(async () => {
  await buildService();
  sample = await mkdtemp(join(tmpdir(), 'scheduler-old-sample-'));
  const cluster = await openCluster(await findBinaries(), join(sample, 'postgres'));
  const postmaster = await startPostmaster(cluster, await freePort(), never);
  if (postmaster === 'in use') throw new Error(`someone uses the new directory ${sample}`);
  await query(clusterUrl(cluster, postmaster.port, 'postgres'), 'create database scheduler');
  const url = clusterUrl(cluster, postmaster.port, 'scheduler');
  await (await openEventStore(url, log)).close();
  await migrateReadModel(url);
  await query(url, ADDED);
  expect((await query(url, OWNED_BY_SUPERUSER)).rows.length).toBeGreaterThan(20);
  await shutDown(postmaster.pid);
  return () => rm(sample, { recursive: true });
});

async function oldDirectory(): Promise<string> {
  const directory = await newDirectory();
  await copyDirectory(sample, directory);
  return directory;
}

test('the service works as an ordinary role, which owns its database', async () => {
  const { url } = await start(await oldDirectory());
  const { rows } = await query(
    url,
    `select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, datdba = pg_roles.oid as owner
     from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );
  expect(rows).toEqual([
    {
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolbypassrls: false,
      owner: true,
    },
  ]);
  await expect(query(url, "copy (select 1) to program 'true'")).rejects.toThrow('permission denied');
});

test("its password does not give the superuser's away", async () => {
  const { url } = await start(await oldDirectory());
  const asSuperuser = new URL(url);
  asSuperuser.username = 'postgres';
  await expect(query(asSuperuser.href, 'select')).rejects.toThrow('password authentication failed');
});

test('data of the releases before is handed over at the start, and kept', async () => {
  const dataDir = await oldDirectory();
  const { url, stop } = await start(dataDir);
  expect((await query(url, OWNED_BY_SUPERUSER)).rows).toEqual([]);
  expect((await query(url, 'select answer, reports.one() from reports.kept')).rows).toEqual([{ answer: 42, one: 1 }]);
  expect((await query(url, 'insert into reports.kept (answer) values (43) returning id')).rows).toEqual([{ id: 2 }]);
  const granted = "select has_table_privilege('analyst', 'read_model.sessions', 'select') as granted";
  expect((await query(url, granted)).rows).toEqual([{ granted: true }]);
  await stop();
  // Again, with nothing left to do.
  expect((await query((await start(dataDir)).url, 'select answer from reports.kept')).rows).toHaveLength(2);
});

test('the whole service books on data of the releases before, and rebuilds it', async () => {
  const dataDir = await oldDirectory();
  const service = await startServiceProcess({ DATA_DIR: dataDir });
  onTestFinished(async () => void (await service.end('SIGTERM')));
  const session = { coach_hash_id: '1', client_hash_id: '2', start: '2030-01-01T10:00:00Z', duration: 60 };
  const booked = await fetch(`${service.httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session }),
  });
  expect(booked.status).toBe(201);
  const { id } = ((await booked.json()) as { session: { id: string } }).session;
  expect((await fetch(`${service.httpUrl}/api/v1/sessions/${id}`)).status).toBe(200);
  expect(await runService({ DATA_DIR: dataDir }, 'rebuild', 'sessions')).toMatchObject({ code: 0 });
});

test('a tool takes the role of the service, or of the superuser, or says that no service runs', async () => {
  const dataDir = await oldDirectory();
  await expect(runningDatabaseUrl(dataDir, never)).rejects.toThrow(
    `No embedded PostgreSQL runs on DATA_DIR=${dataDir}. Start the service first`,
  );
  const { url } = await start(dataDir);
  expect(await runningDatabaseUrl(dataDir, never)).toBe(url);
  const superuser = await runningDatabaseUrl(dataDir, never, 'superuser');
  expect((await query(superuser, 'select current_user, current_database()')).rows).toEqual([
    { current_user: 'postgres', current_database: 'scheduler' },
  ]);
});
