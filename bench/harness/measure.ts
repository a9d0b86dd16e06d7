import { join } from 'node:path';
import type { LoadResult } from '../load/load-result.js';
import { ask } from './postgres.js';
import type { Bench } from './scenario.js';
import { type Running, type Subject, startSubject } from './subject.js';
import { postgresCpuSeconds, usageOf } from './usage.js';

/** What a load did, and what it took. */
export interface Measured {
  readonly load: LoadResult;
  /** Used while the load ran. */
  readonly cpuSeconds: { readonly subject: number; readonly postgres: number };
  /** Of the subject, since it started. */
  readonly peakBytes: number;
}

/** Runs a load and notes what the subject's processes and Postgres spent on it. */
export async function measure(
  bench: Bench,
  pids: readonly number[],
  send: () => Promise<LoadResult>,
): Promise<Measured> {
  const spent = async () => {
    const [postgres, ...own] = await Promise.all([postgresCpuSeconds(bench.postgres.pid), ...pids.map(usageOf)]);
    const sum = (value: (usage: (typeof own)[number]) => number) =>
      own.reduce((total, usage) => total + value(usage), 0);
    return { postgres, subject: sum(({ cpuSeconds }) => cpuSeconds), peakBytes: sum(({ peakBytes }) => peakBytes) };
  };
  const before = await spent();
  const load = await send();
  const after = await spent();
  return {
    load,
    cpuSeconds: { subject: after.subject - before.subject, postgres: after.postgres - before.postgres },
    peakBytes: after.peakBytes,
  };
}

/** Starts a subject on a database, lets it work, and stops it, whatever happens. */
export async function withSubject<Result>(
  bench: Bench,
  subject: Subject,
  databaseUrl: string,
  work: (running: Running) => Promise<Result>,
): Promise<Result> {
  const { profiles } = bench.options;
  const nodeOptions = profiles
    ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${subject.name}-${Date.now()}.cpuprofile`]
    : [];
  const running = await startSubject(subject, databaseUrl, join(bench.directory, `${subject.name}.log`), nodeOptions);
  try {
    return await work(running);
  } finally {
    await running.stop();
  }
}

/** Lets something work on an empty database, and drops it, whatever happens. */
export async function withDatabase<Result>(bench: Bench, work: (url: string) => Promise<Result>): Promise<Result> {
  const { postgres } = bench;
  const url = await postgres.createDatabase();
  try {
    if (bench.options.statements) await ask(url, 'create extension pg_stat_statements');
    await postgres.settle();
    return await work(url);
  } finally {
    await postgres.dropDatabase(url);
  }
}

/** Why a subject cannot be prepared; undefined when it was. */
const prepared = new Map<NonNullable<Subject['prepare']>, string | undefined>();

/** Those of the subjects that this machine can run, ready to start. Says of the others why they are left out. */
export function ready({ tell, leftOut }: Bench, subjects: readonly Subject[]): Subject[] {
  return subjects.filter(({ name, prepare }) => {
    if (!prepare) return true;
    if (!prepared.has(prepare)) {
      try {
        prepare();
        prepared.set(prepare, undefined);
      } catch (error) {
        prepared.set(prepare, (error as Error).message);
      }
    }
    const reason = prepared.get(prepare);
    if (reason === undefined) return true;
    tell(`  ${name} is left out: ${reason}`);
    leftOut.add(`${name} (${reason.split('\n')[0]})`);
    return false;
  });
}

/**
 * Measures subjects in turns, so that what changes on the machine meanwhile meets all of them: A B A B. Each round of
 * each has a process and a database of its own, both new.
 */
export async function inTurns(
  bench: Bench,
  subjects: readonly Subject[],
  round: (subject: Subject, running: Running, databaseUrl: string) => Promise<Measured>,
): Promise<ReadonlyMap<Subject, readonly Measured[]>> {
  const measured = new Map<Subject, Measured[]>(subjects.map((subject) => [subject, []]));
  for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
    for (const subject of subjects) {
      const result = await withDatabase(bench, (url) =>
        withSubject(bench, subject, url, (running) => round(subject, running, url)),
      );
      const { requests, seconds, p99 } = result.load;
      bench.tell(`  round ${nr}  ${subject.name}: ${Math.round(requests / seconds)}/s, p99 ${p99.toFixed(1)} ms`);
      measured.get(subject)!.push(result);
    }
  }
  return measured;
}

/** Prints what took Postgres the most time in a database, when the options ask for it. */
export async function tellStatements({ options, tell }: Bench, databaseUrl: string): Promise<void> {
  if (!options.statements) return;
  const rows = await ask<{ calls: string; ms: number; mean: number; rows: string; query: string }>(
    databaseUrl,
    `select calls, total_exec_time as ms, mean_exec_time as mean, rows, regexp_replace(query, '\\s+', ' ', 'g') as query
     from pg_stat_statements
     where dbid = (select oid from pg_database where datname = current_database())
     order by total_exec_time desc limit 12`,
  );
  for (const { calls, ms, mean, rows: count, query } of rows) {
    tell(`    ${ms.toFixed(0)} ms  ${calls} calls of ${mean.toFixed(3)} ms  ${count} rows  ${query.slice(0, 90)}`);
  }
}
