import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { ask } from '../harness/postgres.js';
import { type Bench, median, rowOf, type Scenario } from '../harness/scenario.js';
import { projected } from '../harness/seed.js';
import { service } from '../harness/subjects.js';
import { checkAnswers } from '../harness/truth.js';

const CONNECTIONS = 32;
const COACHES = 1_000;
/** Bookings a second of a service that is not busy: nothing shares a commit. */
const QUIET = 200;

const LOADS = [
  { name: 'service, at full speed', pace: {} },
  { name: `service, ${QUIET} bookings/s`, pace: { rate: QUIET } },
] as const;
type Load = (typeof LOADS)[number];

/** What Postgres writes, from its counters. */
interface Written {
  readonly walBytes: number;
  /** Of tables and indexes of the log and the read model. */
  readonly tableBytes: number;
  readonly syncs: number;
  /** Pages of tables and indexes that were written, by checkpoints or before. */
  readonly pages: number;
}

/** What a booking leaves in Postgres, and how often Postgres must wait for the disk: docs/scale.md computes with it. */
export const footprint: Scenario = {
  name: 'footprint',
  title: 'what a booking makes Postgres write',

  async run(bench) {
    const rounds = new Map<Load, Round[]>(LOADS.map((load) => [load, []]));
    for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
      for (const load of LOADS) {
        const result = await round(bench, load);
        bench.tell(`  round ${nr}  ${load.name}: ${noteOn([result])}`);
        rounds.get(load)!.push(result);
      }
    }
    return {
      unit: 'bookings',
      rows: LOADS.map((load) => {
        const all = rounds.get(load)!;
        const measured = all.map((each) => each.measured);
        return rowOf(load.name, measured, noteOn(all));
      }),
      goals: [],
      checked: 'the read model had every booking',
    };
  },
};

interface Round {
  readonly measured: Measured;
  /** For each booking. */
  readonly written: Written;
}

async function round(bench: Bench, { pace }: Load): Promise<Round> {
  return withDatabase(bench, async (url) => {
    const before = await written(url);
    const measured = await withSubject(bench, service, url, async ({ httpUrl, pid }) => {
      const result = await measure(bench, [pid], () =>
        sendCounted({
          url: httpUrl,
          connections: CONNECTIONS,
          seconds: bench.options.seconds,
          ...pace,
          requests: { kind: 'book', first: 0, coaches: COACHES },
        }),
      );
      checkAnswers(result.load, /^201$/);
      await projected(url);
      return result;
    });
    // The connections of the service are gone: Postgres counts what they did once they end.
    await bench.postgres.settle();
    const after = await written(url);
    const each = (value: (all: Written) => number) => (value(after) - value(before)) / measured.load.requests;
    return {
      measured,
      written: {
        walBytes: each(({ walBytes }) => walBytes),
        tableBytes: each(({ tableBytes }) => tableBytes),
        syncs: each(({ syncs }) => syncs),
        pages: each(({ pages }) => pages),
      },
    };
  });
}

async function written(url: string): Promise<Written> {
  const [row] = await ask<Record<keyof Written, string>>(
    url,
    `select
       pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as "walBytes",
       (select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class
        where relkind = 'r' and relnamespace::regnamespace::text in ('event_store', 'read_model')) as "tableBytes",
       (select coalesce(sum(fsyncs), 0) from pg_stat_io where object = 'wal') as syncs,
       (select coalesce(sum(writes), 0) from pg_stat_io where object = 'relation') as pages`,
  );
  const { walBytes, tableBytes, syncs, pages } = row!;
  return { walBytes: Number(walBytes), tableBytes: Number(tableBytes), syncs: Number(syncs), pages: Number(pages) };
}

function noteOn(rounds: readonly Round[]): string {
  const middle = (value: (all: Written) => number) => median(rounds.map((each) => value(each.written)));
  const bytes = (value: (all: Written) => number) => Math.round(middle(value)).toLocaleString('en');
  return [
    `${bytes(({ walBytes }) => walBytes)} bytes of WAL`,
    `${bytes(({ tableBytes }) => tableBytes)} of tables and indexes`,
    `${middle(({ syncs }) => syncs).toFixed(2)} syncs`,
    `${middle(({ pages }) => pages).toFixed(2)} pages written`,
  ].join(', ');
}
