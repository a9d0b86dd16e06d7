import { sendHttp } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { atLeast, rowOf, type Scenario } from '../harness/scenario.js';
import { seed } from '../harness/seed.js';
import { service } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { firstAfter } from '../load/requests.js';

const CONNECTIONS = 32;
/** Enough that bookings under way at the same moment are for different clients. */
const CLIENTS = 1_000;

/** One coach with a long past, in memory, against a new coach. */
export const longPast: Scenario = {
  name: 'long-past',
  title: `book for one coach with 100,000 sessions, warm, ${CONNECTIONS} connections`,

  async run(bench) {
    const { options } = bench;
    const past = options.quick ? 10_000 : 100_000;
    const rounds: Record<'old' | 'new', Measured[]> = { old: [], new: [] };
    for (let nr = 1; nr <= options.rounds; nr += 1) {
      for (const which of ['new', 'old'] as const) {
        const measured = await withDatabase(bench, async (url) => {
          if (which === 'old') await seed(url, [{ coachHashId: 'coach-0', sessions: past }]);
          return withSubject(bench, service, url, async ({ httpUrl, pid }) => {
            const book = (first: number, seconds: number) =>
              sendHttp({
                url: httpUrl,
                connections: CONNECTIONS,
                seconds,
                requests: { kind: 'book', first, coaches: 1, clients: CLIENTS },
              });
            const { requests } = await book(0, options.warmUp);
            const result = await measure(bench, [pid], () => book(firstAfter(requests, 1), options.seconds));
            checkAnswers(result.load, /^2/);
            await checkBookings(url, service.keeps!, result.load.requests);
            return result;
          });
        });
        const { requests, seconds, p99 } = measured.load;
        bench.tell(`  round ${nr}  ${which} coach: ${Math.round(requests / seconds)}/s, p99 ${p99.toFixed(1)} ms`);
        rounds[which].push(measured);
      }
    }
    const begun = rowOf('service, a new coach', rounds.new);
    const old = rowOf(`service, a coach with ${past.toLocaleString('en')} sessions`, rounds.old);
    return {
      unit: 'bookings',
      rows: [old, begun],
      goals: [atLeast(0.9, old, begun)],
    };
  },
};
