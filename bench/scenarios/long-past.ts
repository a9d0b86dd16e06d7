import { figure } from '../harness/figures.js';
import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { book, bookingsOf, cpuOf, pastsOf, preparePasts, warmUpOf } from '../harness/pasts.js';
import { ask } from '../harness/postgres.js';
import { atLeast, type Goal, median, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import { service } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';

const CONNECTIONS = 32;

/** What bookings took, and what they had Postgres write. */
interface Round extends Measured {
  /** Of the log, the read model and the snapshots. */
  readonly walBytes: number;
  readonly snapshotBytes: number;
}

/**
 * Bookings for one coach, by how many sessions the coach has had. All coaches are in one database, and the process is
 * new each time: the first thousand bookings are followed by a snapshot.
 */
export const longPast: Scenario = {
  name: 'long-past',
  title: `book for one coach, by the sessions that the coach has had, ${CONNECTIONS} connections`,

  run: (bench) =>
    withDatabase(bench, async (url) => {
      await preparePasts(bench, url);
      const { quick, rounds } = bench.options;
      const bookings = quick ? 3_000 : 12_000;
      const pasts = pastsOf(bench);
      const measured = new Map<number, Round[]>([0, ...pasts].map((past) => [past, []]));
      let starts = 0;
      for (let nr = 1; nr <= rounds; nr += 1) {
        for (const [past, done] of measured) {
          const coach = past === 0 ? `new-${nr}` : past;
          const round = await withSubject(bench, service, url, async ({ httpUrl, pid }) => {
            const load = { url: httpUrl, connections: CONNECTIONS, seconds: 60 };
            await sendCounted({ ...load, count: bookings, requests: warmUpOf(starts) });
            const first = 1 + (nr - 1) * (bookings + 1);
            if ((await book(httpUrl, coach, first)) !== 201) throw new Error('the first booking was refused');
            const requests = bookingsOf(coach, first + 1);
            return written(url, () => measure(bench, [pid], () => sendCounted({ ...load, count: bookings, requests })));
          });
          starts += 1;
          checkAnswers(round.load, /^201$/);
          bench.tell(`  round ${nr}  ${nameOf(past)}: ${figure(cpuOf(round))} ms of processor time a booking`);
          done.push(round);
        }
      }
      await checkBookings(url, service.keeps!, bookings);

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

/** Adds what work had Postgres write. */
async function written(url: string, work: () => Promise<Measured>): Promise<Round> {
  await ask(url, 'create table segments_before as select snapshot, id from read_model.snapshot_segments');
  const [before] = await ask<{ lsn: string }>(url, 'select pg_current_wal_insert_lsn() as lsn');
  const measured = await work();
  const [bytes] = await ask<{ wal: string; snapshots: string }>(
    url,
    `select pg_current_wal_insert_lsn() - $1::pg_lsn as wal,
       (select coalesce(sum(octet_length(bytes)), 0)
        from read_model.snapshot_segments
        where (snapshot, id) not in (select snapshot, id from segments_before)) as snapshots`,
    [before!.lsn],
  );
  await ask(url, 'drop table segments_before');
  return { ...measured, walBytes: Number(bytes!.wal), snapshotBytes: Number(bytes!.snapshots) };
}
