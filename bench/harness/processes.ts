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

/** How often a store was called to append, and in how many calls an append came too late: another process was faster. */
export interface AppendCalls {
  readonly calls: number;
  readonly withConflicts: number;
}

/** Lets something work with a Postgres that counts statements, as `countAppendCalls` needs them. */
export async function withCountingPostgres<Result>(
  bench: Bench,
  work: (bench: Bench) => Promise<Result>,
): Promise<Result> {
  const postgres = await startPostgres(DATA, [
    'shared_preload_libraries=pg_stat_statements',
    'pg_stat_statements.track=all',
  ]);
  try {
    return await work({ ...bench, postgres, options: { ...bench.options, statements: true } });
  } finally {
    await postgres.stop();
  }
}

/** Counts the calls of a new database's append function, which has a statement for the appends that do not fit. */
export async function countAppendCalls(databaseUrl: string): Promise<AppendCalls> {
  const [row] = await ask<{ calls: string; with_conflicts: string }>(
    databaseUrl,
    `select
       coalesce(sum(calls) filter (where toplevel and query like '%event_store.append(%'), 0) as calls,
       coalesce(sum(calls) filter (where query like '%json_build_array(append.place%'), 0) as with_conflicts
     from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database())`,
  );
  return { calls: Number(row!.calls), withConflicts: Number(row!.with_conflicts) };
}
