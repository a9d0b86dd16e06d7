import type { LoadResult } from '../load/load-result.js';
import type { Share } from '../load/requests.js';
import { totalOf } from './load.js';
import { withSubject } from './measure.js';
import { ask, startPostgres } from './postgres.js';
import type { Bench } from './scenario.js';
import { DATA, type Running, type Subject } from './subject.js';

/** How many processes of the service there are, and which of them gets a request. */
export interface Setup {
  readonly name: string;
  readonly processes: number;
  readonly by: Share['by'];
}

/** A single process. */
export const ONE: Setup = { name: 'service, one process', processes: 1, by: 'coach' };

/** Two and four processes: requests go to the process of their coach. */
export const ROUTED: readonly Setup[] = [2, 4].map((processes) => ({
  name: `service, ${processes}, routed by coach`,
  processes,
  by: 'coach',
}));

/** Two and four processes: requests go to them in turns. */
export const IN_TURNS: readonly Setup[] = [2, 4].map((processes) => ({
  name: `service, ${processes}, in turns`,
  processes,
  by: 'turns',
}));

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
  return {
    ...totalOf(loads),
    seconds: Math.max(...loads.map(({ seconds }) => seconds)),
    p50: Math.max(...loads.map(({ p50 }) => p50)),
    p99: Math.max(...loads.map(({ p99 }) => p99)),
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
       coalesce(sum(calls) filter (where not toplevel and query like '%json_build_array(append.place%'), 0) as with_conflicts
     from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database())`,
  );
  return { calls: Number(row!.calls), withConflicts: Number(row!.with_conflicts) };
}
