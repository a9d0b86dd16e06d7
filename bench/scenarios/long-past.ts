import { coachStream } from '../../src/domain/coach/coach.js';
import { figure } from '../harness/figures.js';
import { sendCounted, totalOf } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { book, bookingsOf, cpuOf, pastsOf, preparePasts, warmUpOf } from '../harness/pasts.js';
import { ask } from '../harness/postgres.js';
import { atLeast, type Goal, median, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import { service } from '../harness/subjects.js';
import { checkAnswers, checkBookings, count } from '../harness/truth.js';
import { type Requests, wantedSession } from '../load/requests.js';

const CONNECTIONS = 32;
/** Bookings that come one after the other for the same coach, before it is another coach's turn. */
const BURST = 2_000;

/** What bookings for a coach took, and what they had Postgres write. */
interface Round extends Measured {
  /** Of the log, the read model and the snapshots. */
  readonly walBytes: number;
  readonly snapshotBytes: number;
}

/**
 * Bookings for coaches by how many sessions they have had, all in one database and one process. They have turns, so that
 * what else the machine does meets all of them. The process is new in each round: each coach gets a snapshot after the
 * first thousand bookings.
 */
export const longPast: Scenario = {
  name: 'long-past',
  title: `book for one coach, by the sessions that the coach has had, ${CONNECTIONS} connections`,

  run: (bench) =>
    withDatabase(bench, async (url) => {
      await preparePasts(bench, url);
      const { quick, rounds } = bench.options;
      const bursts = quick ? 2 : 6;
      const pasts = pastsOf(bench);
      const measured = new Map<number, Round[]>([0, ...pasts].map((past) => [past, []]));
      for (let nr = 1; nr <= rounds; nr += 1) {
        const coaches = [...measured.keys()].map((past) => ({ past, name: past === 0 ? `new-${nr}` : `${past}` }));
        const first = 1 + (nr - 1) * (bursts * BURST + 1);
        await ask(url, 'create table segments_before as select snapshot, id from read_model.snapshot_segments');
        const turns = await withSubject(bench, service, url, async ({ httpUrl, pid }) => {
          const send = (requests: Requests) =>
            sendCounted({ url: httpUrl, connections: CONNECTIONS, seconds: 60, count: BURST, requests });
          for (let burst = 0; burst < 5; burst += 1) await send(warmUpOf(5 * nr + burst));
          for (const { name } of coaches) await book(httpUrl, name, first);
          // No checkpoint comes in between: after one, a change of a page has Postgres write all of the page.
          await bench.postgres.settle();

          const turns = new Map<string, Turn[]>(coaches.map(({ name }) => [name, []]));
          for (let burst = 0; burst < bursts; burst += 1) {
            for (const [name, done] of turns) {
              const requests = bookingsOf(name, first + 1 + burst * BURST);
              done.push(await written(url, () => measure(bench, [pid], () => send(requests))));
            }
          }
          return turns;
        });
        const snapshots = await snapshotBytes(url);
        await ask(url, 'drop table segments_before');
        for (const { past, name } of coaches) {
          const round = { ...sumOf(turns.get(name)!), snapshotBytes: snapshots.get(streamOf(name)) ?? 0 };
          checkAnswers(round.load, /^201$/);
          bench.tell(`  round ${nr}  ${nameOf(past)}: ${figure(cpuOf(round))} ms of processor time a booking`);
          measured.get(past)!.push(round);
        }
      }
      await checkBookings(url, service.keeps!, bursts * BURST);

      const rows = [...measured].map(([past, done]) => rowOf(nameOf(past), done, noteOf(done)));
      const [begun, ...others] = rows as [Row, ...Row[]];
      const long = rows.find(({ subject }) => subject === nameOf(100_000)) as Row;
      const ofPasts = pasts.map((past) => measured.get(past) as Round[]);
      return {
        unit: 'bookings',
        rows: [...others, begun],
        goals: [
          atLeast(0.9, long, begun),
          flat('processor time a booking', 'ms', ofPasts, cpuOf),
          flat('bytes written a booking', 'bytes', ofPasts, ({ walBytes, load }) => walBytes / load.requests),
        ],
      };
    }),
};

function nameOf(past: number): string {
  return past === 0 ? 'service, a new coach' : `service, a coach with ${past.toLocaleString('en')} sessions`;
}

function noteOf(rounds: readonly Round[]): string {
  const each = (bytes: (round: Round) => number) =>
    figure(median(rounds.map((round) => bytes(round) / round.load.requests)));
  return `a booking: ${each(({ walBytes }) => walBytes)} bytes of WAL, ${each((one) => one.snapshotBytes)} of snapshots`;
}

/** A goal for a figure that must not depend on the past: at most a fifth between the least and the most. */
function flat(what: string, unit: string, pasts: readonly Round[][], value: (round: Round) => number): Goal {
  const all = pasts.map((rounds) => median(rounds.map(value)));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return {
    target: `${what}: flat within 20%, whatever the past`,
    measured: `${figure(least)} to ${figure(most)} ${unit}`,
    ratio: `${(most / least).toFixed(2)}×`,
    reached: most <= 1.2 * least,
  };
}

type Turn = Omit<Round, 'snapshotBytes'>;

/** Adds what work had Postgres write. */
async function written(url: string, work: () => Promise<Measured>): Promise<Turn> {
  const [before] = await ask<{ lsn: string }>(url, 'select pg_current_wal_insert_lsn() as lsn');
  const measured = await work();
  const walBytes = await count(url, `select pg_current_wal_insert_lsn() - '${before!.lsn}'::pg_lsn as n`);
  return { ...measured, walBytes };
}

/** The bytes of the segments that were written since `segments_before` was, by stream. */
async function snapshotBytes(url: string): Promise<ReadonlyMap<string, number>> {
  const rows = await ask<{ stream: string; bytes: string }>(
    url,
    `select stream, sum(octet_length(bytes)) as bytes
     from read_model.snapshot_segments as segment
     join read_model.snapshots on snapshots.id = snapshot
     where (snapshot, segment.id) not in (select snapshot, id from segments_before)
     group by stream`,
  );
  return new Map(rows.map(({ stream, bytes }) => [stream, Number(bytes)]));
}

function streamOf(name: string): string {
  return coachStream(wantedSession(bookingsOf(name), 0).coachHashId);
}

/** What several turns took together; of the times of single bookings, the median. */
function sumOf(turns: readonly Turn[]): Turn {
  const sum = (value: (turn: Turn) => number) => turns.reduce((total, turn) => total + value(turn), 0);
  return {
    load: {
      ...totalOf(turns.map(({ load }) => load)),
      seconds: sum(({ load }) => load.seconds),
      p50: median(turns.map(({ load }) => load.p50)),
      p99: median(turns.map(({ load }) => load.p99)),
    },
    cpuSeconds: {
      subject: sum(({ cpuSeconds }) => cpuSeconds.subject),
      postgres: sum(({ cpuSeconds }) => cpuSeconds.postgres),
    },
    peakBytes: Math.max(...turns.map(({ peakBytes }) => peakBytes)),
    walBytes: sum(({ walBytes }) => walBytes),
  };
}
