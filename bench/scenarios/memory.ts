import { sendCounted } from '../harness/load.js';
import { type Measured, measure, withDatabase, withSubject } from '../harness/measure.js';
import { type Goal, median, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import { serviceWith } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { usageOf } from '../harness/usage.js';

const CONNECTIONS = 32;
const SESSIONS_FOR_A_COACH = 3;
/** Parts of the bookings, after each of which memory is looked at. */
const PARTS = 60;
/** The parts, counted from 1, whose memory is compared. Each coach got a session before: the caches are full. */
const EARLY = { first: 22, last: 27 };
const LATE = { first: 55, last: PARTS };
/** Percent by which memory may change once the caches are full. */
const FLAT = 10;

/** Memory, while an hour's bookings are made for more coaches than the cache holds. */
export const memory: Scenario = {
  name: 'memory',
  title: 'memory, over many bookings and more coaches than the cache holds',

  async run(bench) {
    const { quick } = bench.options;
    // Each coach gets three sessions, in turns, and there are as many clients: nearly every booking is for a coach and a
    // client that must be read again.
    const coaches = quick ? 6_000 : 200_000;
    const bookings = SESSIONS_FOR_A_COACH * coaches;
    const subject = tellingHeap(serviceWith('service', quick ? { COACH_CACHE_MB: '2', CLIENT_CACHE_MB: '1' } : {}));
    // In megabytes, after each part.
    const resident: number[] = [];
    const inUse: number[] = [];
    const measured: Measured[] = [];

    await withDatabase(bench, (url) =>
      withSubject(bench, subject, url, async (running) => {
        const part = bookings / PARTS;
        for (let done = 0; done < bookings; done += part) {
          const requests = { kind: 'book', first: done, coaches, clients: coaches } as const;
          const { httpUrl, pid } = running;
          const send = () =>
            sendCounted({ url: httpUrl, connections: CONNECTIONS, seconds: 600, count: part, requests });
          measured.push(await measure(bench, [pid], send));
          checkAnswers(measured.at(-1)!.load, /^201$/);
          resident.push((await usageOf(pid)).bytes / 1e6);
          // A collection makes what follows smaller, so there is none before the resident memory was looked at.
          if (resident.length === EARLY.last || resident.length === LATE.last) inUse.push(await inUseOf(running));
          if (resident.length % 6 === 0) bench.tell(`  ${done + part} bookings: ${Math.round(resident.at(-1)!)} MB`);
        }
        await checkBookings(url, subject.keeps!, bookings);
      }),
    );

    // The median of a tenth of the bookings: garbage collection makes single values jump.
    const around = ({ first, last }: typeof EARLY) => median(resident.slice(first - 1, last));
    const note = `${bookings.toLocaleString('en')} bookings, ${coaches.toLocaleString('en')} coaches`;
    return {
      unit: 'bookings',
      rows: [
        { ...rowOf('service', measured, note), peakMb: Math.max(...measured.map(({ peakBytes }) => peakBytes / 1e6)) },
      ],
      goals: [
        flat('resident memory, once the caches are full', around(EARLY), around(LATE)),
        flat('in use after a garbage collection', inUse[0]!, inUse[1]!),
      ],
    };
  },
};

/** A subject on Node that says how much of its heap is in use. */
function tellingHeap(subject: Subject): Subject {
  return { ...subject, args: ['--expose-gc', '--import', './dist/bench/harness/heap-on-signal.js', ...subject.args] };
}

/** Megabytes of the heap and of buffers, after a garbage collection. */
async function inUseOf({ signal }: Running): Promise<number> {
  return Number(await signal('SIGUSR2', /in use (\d+)/)) / 1e6;
}

function flat(what: string, early: number, late: number): Goal {
  const change = (100 * (late - early)) / early;
  return {
    target: `${what}: flat (±${FLAT}%)`,
    measured: `${Math.round(early)} MB, then ${Math.round(late)} MB`,
    ratio: `${change >= 0 ? '+' : ''}${change.toFixed(1)}%`,
    reached: Math.abs(change) <= FLAT,
  };
}
