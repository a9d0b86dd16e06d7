import type { LoadResult } from '../load/load-result.js';
import { withSubject } from './measure.js';
import { ask, startPostgres } from './postgres.js';
import type { Bench } from './scenario.js';
import { DATA, type Running, type Subject } from './subject.js';

/** Starts some processes of a subject on one database, one after the other, lets them work, and stops them. */
export function withProcesses<Result>(
  bench: Bench,
  subject: Subject,
  url: string,
  processes: number,
  work: (running: readonly Running[]) => Promise<Result>,
): Promise<Result> {
  const startNext = (running: readonly Running[]): Promise<Result> =>
    running.length === processes
      ? work(running)
      : withSubject(bench, subject, url, (another) => startNext([...running, another]));
  return startNext([]);
}

/** Several loads at the same time as one. The worse percentile stands for all. */
export function together(loads: readonly LoadResult[]): LoadResult {
  const sum = (value: (load: LoadResult) => number) => loads.reduce((total, load) => total + value(load), 0);
  const statuses: Record<string, number> = {};
  for (const load of loads)
    for (const [status, many] of Object.entries(load.statuses)) statuses[status] = (statuses[status] ?? 0) + many;
  return {
    requests: sum(({ requests }) => requests),
    seconds: Math.max(...loads.map(({ seconds }) => seconds)),
    p50: Math.max(...loads.map(({ p50 }) => p50)),
    p99: Math.max(...loads.map(({ p99 }) => p99)),
    statuses,
    surprises: loads.flatMap(({ surprises }) => surprises),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}

/** How many appends a store was asked for, and how many of them came too late: another process had been faster. */
export interface Appends {
  readonly tried: number;
  readonly conflicts: number;
}

/** Lets something work with a Postgres that counts statements, which `countAppends` needs. */
export async function withCountingPostgres<Result>(
  bench: Bench,
  work: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  const postgres = await startPostgres(DATA, ['shared_preload_libraries=pg_stat_statements']);
  try {
    return await work({ ...bench, postgres, options: { ...bench.options, statements: true } });
  } finally {
    await postgres.stop();
  }
}

/**
 * Counts the appends to a new database. The append function answers a row for each append that it is asked for, and
 * those that were not refused have left events: one transaction appends to a stream at most once.
 */
export async function countAppends(databaseUrl: string): Promise<Appends> {
  const [row] = await ask<{ tried: string; kept: string }>(
    databaseUrl,
    `select
       (select coalesce(sum(rows), 0) from pg_stat_statements
        where dbid = (select oid from pg_database where datname = current_database())
          and query like '%event_store.append(%') as tried,
       (select count(*) from (select distinct xmin::text, stream from event_store.events) as appends) as kept`,
  );
  const tried = Number(row!.tried);
  return { tried, conflicts: tried - Number(row!.kept) };
}
