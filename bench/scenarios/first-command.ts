import { sendCounted } from '../harness/load.js';
import { withDatabase, withSubject } from '../harness/measure.js';
import { book, pastsOf, preparePasts, warmUpOf } from '../harness/pasts.js';
import { atMost, median, type Row, type Scenario } from '../harness/scenario.js';
import { service } from '../harness/subjects.js';

const STARTS_A_ROUND = 5;
const WARM_UP = 3_000;

/** The first booking for a coach after a start, by how many sessions the coach has had. */
export const firstCommand: Scenario = {
  name: 'first-command',
  title: 'the first booking for a coach after a restart, by the sessions that the coach has had',

  run: (bench) =>
    withDatabase(bench, async (url) => {
      await preparePasts(bench, url);
      const pasts = pastsOf(bench);
      const times = new Map<number, number[]>(pasts.map((past) => [past, []]));
      for (let start = 1; start <= STARTS_A_ROUND * bench.options.rounds; start += 1) {
        await withSubject(bench, service, url, async ({ httpUrl }) => {
          const requests = warmUpOf(start);
          await sendCounted({ url: httpUrl, connections: 8, seconds: 60, count: WARM_UP, requests });
          // Each of them is the first one now and then.
          const inTurn = pasts.map((_, nr) => pasts[(nr + start) % pasts.length]!);
          for (const past of inTurn) {
            const began = performance.now();
            const status = await book(httpUrl, past, start);
            times.get(past)!.push(performance.now() - began);
            if (status !== 201) throw new Error(`answered ${status}`);
          }
        });
        bench.tell(
          `  start ${start}  ${pasts.map((past) => `${past}: ${times.get(past)!.at(-1)!.toFixed(1)} ms`).join(', ')}`,
        );
      }

      const rows = pasts.map((past) => rowFor(past, times.get(past)!));
      const [least, most] = [rows[0], rows.at(-1)] as [Row, Row];
      return {
        unit: 'bookings',
        rows,
        goals: [atMost(2, `${most.subject}: {} ${least.subject}`, most.p50!, least.p50!)],
      };
    }),
};

function rowFor(past: number, times: readonly number[]): Row {
  const middle = median(times);
  return {
    subject: `service, ${past.toLocaleString('en')} sessions`,
    perSecond: 1000 / middle,
    p50: middle,
    p99: Math.max(...times),
    note: 'one at a time; under p99 the longest',
  };
}
