import { sendWatched } from '../harness/load.js';
import { type Measured, measure, tellStatements, withDatabase, withSubject } from '../harness/measure.js';
import { atMost, type Bench, holds, median, processorMs, rowOf, type Scenario } from '../harness/scenario.js';
import { serviceWith } from '../harness/subjects.js';
import { checkBookings } from '../harness/truth.js';
import { firstAfter } from '../load/requests.js';
import type { WatchResult } from '../load/watch-load.js';

/** Bookings a second, of so many coaches. */
const RATE = 1_000;
const COACHES = 1_000;
const CONNECTIONS = 32;

/** Milliseconds from an acknowledged booking to the watcher, of 99 in 100. */
const GOAL = 150;

/** How much later than without watchers. */
const LOSS = 1.1;

/** Who watches: so many of one coach each, and so many of everything. */
const CROWDS = [
  { ofCoaches: 0, ofAll: 0 },
  { ofCoaches: 0, ofAll: 1 },
  { ofCoaches: 0, ofAll: 100 },
  { ofCoaches: 1_000, ofAll: 10 },
] as const;

type Crowd = (typeof CROWDS)[number];

interface Round {
  readonly measured: Measured;
  readonly told: WatchResult['told'];
}

const nameOf = ({ ofCoaches, ofAll }: Crowd) => {
  if (ofCoaches + ofAll === 0) return 'service, nobody watches';
  const coaches = ofCoaches ? `${ofCoaches.toLocaleString('en')} watchers of a coach, ` : '';
  return `service, ${coaches}${ofAll} of everything`;
};

/** Bookings at a rate, while nobody, one, a hundred and a thousand watch over server-sent events. */
export const watch: Scenario = {
  name: 'watch',
  title: `book ${RATE.toLocaleString('en')} sessions a second over REST, while others watch`,

  async run(bench) {
    const rounds = new Map<Crowd, Round[]>(CROWDS.map((crowd) => [crowd, []]));
    for (let nr = 1; nr <= bench.options.rounds; nr += 1) {
      for (const crowd of CROWDS) {
        const round = await bookWatched(bench, crowd);
        const { count, expected, p50, p99 } = round.told;
        bench.tell(
          `  round ${nr}  ${nameOf(crowd)}: told ${count} of ${expected}, p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms`,
        );
        rounds.get(crowd)!.push(round);
      }
    }
    const rows = CROWDS.map((crowd) => {
      const all = rounds.get(crowd)!;
      const of = (value: (told: WatchResult['told']) => number) => median(all.map(({ told }) => value(told)));
      const note = `told after p50 ${of(({ p50 }) => p50).toFixed(1)} ms, p99 ${of(({ p99 }) => p99).toFixed(1)} ms`;
      return rowOf(
        nameOf(crowd),
        all.map(({ measured }) => measured),
        crowd.ofAll ? note : undefined,
      );
    });
    const all = [...rounds.values()].flat();
    const most = rounds.get(CROWDS[3])!;
    const p99 = median(most.map(({ told }) => told.p99));
    return {
      unit: 'bookings',
      rows,
      goals: [
        holds(`p99 until ${nameOf(CROWDS[3])} are told: ≤ ${GOAL} ms`, p99 <= GOAL, `${p99.toFixed(1)} ms`),
        holds(
          'every watcher is told every booking',
          all.every(({ told }) => told.count === told.expected),
        ),
        atMost(
          LOSS,
          'processor time a booking of Postgres, 100 watchers: {} that of one',
          rows[2]!.cpuMs!.postgres,
          rows[1]!.cpuMs!.postgres,
        ),
        atMost(LOSS, 'p99 of bookings, 1,010 watchers: {} that without', rows[3]!.p99!, rows[0]!.p99!),
        atMost(
          2,
          'processor time a booking, 1,010 watchers: {} that without',
          processorMs(rows[3]!),
          processorMs(rows[0]!),
        ),
      ],
    };
  },
};

function bookWatched(bench: Bench, crowd: Crowd): Promise<Round> {
  const subject = serviceWith(nameOf(crowd), { RATE_LIMIT_STREAMS: '10000' });
  return withDatabase(bench, (url) =>
    withSubject(bench, subject, url, async ({ pid, httpUrl }) => {
      const { seconds, warmUp } = bench.options;
      const send = (first: number, time: number, watchers: Crowd) =>
        sendWatched({
          url: httpUrl,
          seconds: time,
          rate: RATE,
          connections: CONNECTIONS,
          ...watchers,
          requests: { kind: 'book', first, coaches: COACHES },
        });
      const { load } = await send(0, warmUp, CROWDS[0]);
      let told: WatchResult['told'] | undefined;
      const measured = await measure(bench, [pid], async () => {
        const result = await send(firstAfter(load.requests, COACHES), seconds, crowd);
        told = result.told;
        return result.load;
      });
      if (subject.keeps) await checkBookings(url, subject.keeps, measured.load.requests);
      await tellStatements(bench, url);
      return { measured, told: told! };
    }),
  );
}
