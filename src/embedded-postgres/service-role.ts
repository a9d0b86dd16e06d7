import { createHmac } from 'node:crypto';
import pg from 'pg';
import { connectionSettings } from '../postgres/pool.js';
import { type Cluster, clusterUrl, maintenanceClient, SUPERUSER } from './cluster.js';

/** The database of the service, and the role that owns it: a role that may do nothing outside of it. */
export const DATABASE = 'scheduler';
const ROLE = 'scheduler';

/** Milliseconds that a statement may take: a table whose owner changes may be in use. */
const STATEMENT_TIMEOUT = 30_000;

/** The URL of the service's database for the service's role, when the cluster is served at the port. */
export function serviceUrl(cluster: Cluster, port: number): string {
  const url = new URL(superuserUrl(cluster, port));
  url.username = ROLE;
  url.password = passwordOf(cluster);
  return url.href;
}

/** The same database for the cluster's superuser, who may do everything. */
export function superuserUrl(cluster: Cluster, port: number): string {
  return clusterUrl(cluster, port, DATABASE);
}

/**
 * Makes sure that the service's role and database exist, and that the role owns all of the database: releases before
 * worked as the superuser, who owns what they made. Does nothing when all is as it should be. Throws what Postgres
 * throws.
 */
export async function prepareDatabase(cluster: Cluster, port: number): Promise<void> {
  await using(maintenanceClient(cluster, port, 'prepare database'), async (client) => {
    const { rows } = await client.query<{ statement: string }>(MISSING, [ROLE, DATABASE, passwordOf(cluster)]);
    // One by one: a database cannot be made in a transaction.
    for (const { statement } of rows) await client.query(statement);
  });
  const settings = connectionSettings(superuserUrl(cluster, port), 'hand over', 5_000, STATEMENT_TIMEOUT);
  await using(new pg.Client(settings), async (client) => {
    const { rows } = await client.query<{ statement: string }>(TO_HAND_OVER, [SUPERUSER, ROLE]);
    // One query is one transaction: all is handed over, or nothing.
    if (rows.length > 0) await client.query(rows.map(({ statement }) => statement).join(';'));
  });
}

async function using(client: pg.Client, work: (client: pg.Client) => Promise<void>): Promise<void> {
  // The call under way rejects too; without a listener the event would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

/** The role's password follows from the superuser's, which does not follow from it. So there is no second one to keep. */
function passwordOf({ password }: Cluster): string {
  return createHmac('sha256', password).update(`role ${ROLE}`).digest('base64url');
}

/** The statements that make the role ($1, password $3) and the database ($2), or correct them. */
const MISSING = `
  select statement from (
    select 1, format('create role %I login password %L', $1::text, $3::text)
    where not exists (select from pg_roles where rolname = $1)
    union all
    select 1, format('alter role %I login nosuperuser password %L', $1::text, $3::text)
    where exists (select from pg_roles where rolname = $1)
    union all
    select 2, format('create database %I owner %I', $2::text, $1::text)
    where not exists (select from pg_database where datname = $2)
    union all
    select 2, format('alter database %I owner to %I', $2::text, $1::text)
    where exists (
      select from pg_database where datname = $2 and datdba is distinct from (select oid from pg_roles where rolname = $1)
    )
  ) as steps (nr, statement)
  order by nr`;

/**
 * The statements that give the role ($2) everything in the database that the superuser ($1) owns, and Postgres did not
 * make. What belongs to something else (indexes, sequences of columns, types of tables, members of extensions) follows
 * its owner. REASSIGN OWNED does not work for this superuser, since the system needs what it owns.
 */
const TO_HAND_OVER = `
  with given as (select $1::regrole as old, $2::regrole as new),
  schemas as (
    select pg_namespace.oid, nspname, nspowner from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
  ),
  follows as (
    select classid, objid from pg_depend
    where deptype in ('a', 'e', 'i') and refclassid <> 'pg_namespace'::regclass
  )
  select format('alter %s owner to %s', what, new) as statement
  from given, lateral (
    select 1 as nr, format('schema %I', nspname) as what
    from schemas where nspowner = old and nspname <> 'public'
    union all
    select 2, format(
      '%s %I.%I',
      case relkind
        when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'f' then 'foreign table'
        else 'table'
      end,
      nspname, relname
    )
    from pg_class as it join schemas on schemas.oid = relnamespace
    where relowner = old and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and not exists (select from follows where classid = 'pg_class'::regclass and objid = it.oid)
    union all
    select 3, format('routine %s', it.oid::regprocedure)
    from pg_proc as it join schemas on schemas.oid = pronamespace
    where proowner = old
      and not exists (select from follows where classid = 'pg_proc'::regclass and objid = it.oid)
    union all
    select 4, format('type %I.%I', nspname, typname)
    from pg_type as it join schemas on schemas.oid = typnamespace
    left join pg_class as composite on composite.oid = typrelid
    where typowner = old and (typtype in ('d', 'e', 'r') or typtype = 'c' and composite.relkind = 'c')
      and not exists (select from follows where classid = 'pg_type'::regclass and objid = it.oid)
  ) as things
  order by nr, what`;
