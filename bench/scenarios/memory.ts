import { sendCounted } from '../harness/load.js';
import { measure, withDatabase, withSubject } from '../harness/measure.js';
import { median, rowOf, type Scenario } from '../harness/scenario.js';
import { serviceWith } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { usageOf } from '../harness/usage.js';

const CONNECTIONS = 32;

/** Memory, while a million sessions are booked for more coaches than the cache holds. */
export const memory: Scenario = {
  name: 'memory',
  title: 'memory, over many bookings and more coaches than the cache holds',

  async run(bench) {
    const { quick } = bench.options;
    const bookings = quick ? 20_000 : 1_000_000;
    // Each coach gets five sessions, in turns, and there are as many clients: nearly every booking is for a coach and a
    // client that must be read again.
    const coaches = bookings / 5;
    const subject = serviceWith('service', quick ? { COACH_CACHE_MB: '2', CLIENT_CACHE_MB: '1' } : {});
    const samples: { at: number; megabytes: number }[] = [];

    const measured = await withDatabase(bench, (url) =>
      withSubject(bench, subject, url, async ({ httpUrl, pid }) => {
        const part = bookings / 100;
        const parts = [];
        for (let done = 0; done < bookings; done += part) {
          const requests = { kind: 'book', first: done, coaches, clients: coaches } as const;
          const send = () =>
            sendCounted({ url: httpUrl, connections: CONNECTIONS, seconds: 600, count: part, requests });
          parts.push(await measure(bench, [pid], send));
          checkAnswers(parts.at(-1)!.load, /^201$/);
          samples.push({ at: done + part, megabytes: (await usageOf(pid)).bytes / 1e6 });
          if (parts.length % 10 === 0)
            bench.tell(`  ${done + part} bookings: ${Math.round(samples.at(-1)!.megabytes)} MB`);
        }
        await checkBookings(url, subject.keeps!, bookings);
        return parts;
      }),
    );

    // A tenth of the bookings around each of the two points, since garbage collection makes single values jump.
    const around = (from: number, to: number) =>
      median(samples.filter(({ at }) => at > from * bookings && at <= to * bookings).map(({ megabytes }) => megabytes));
    const [early, late] = [around(0.1, 0.2), around(0.9, 1)];
    const change = (100 * (late - early)) / early;
    const text = (part: number) => (part * bookings).toLocaleString('en');
    const sizes = `${Math.round(early)} MB, then ${Math.round(late)} MB`;
    return {
      unit: 'bookings',
      rows: [
        rowOf(
          'service',
          measured,
          `${Math.round(early)} MB after ${text(0.1)} bookings, ${Math.round(late)} MB after ${text(1)}`,
        ),
      ],
      goals: [
        {
          target: 'service: flat (±10%)',
          measured: sizes,
          ratio: `${change >= 0 ? '+' : ''}${change.toFixed(1)}%`,
          reached: Math.abs(change) <= 10,
        },
      ],
    };
  },
};
