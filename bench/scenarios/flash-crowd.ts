import { sendCounted, sendHttp } from '../harness/load.js';
import { measure, withDatabase, withSubject } from '../harness/measure.js';
import { atLeast, type Bench, holds, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import type { Subject } from '../harness/subject.js';
import { emmett, exclusion, onConflict, service } from '../harness/subjects.js';
import { checkBookings, count } from '../harness/truth.js';

const SLOTS = 40;

/** 250 rivals, each on a connection of its own, want the same 40 slots of one coach, one slot after the other. */
export const flashCrowd: Scenario = {
  name: 'flash-crowd',
  title: `${SLOTS} slots of one coach, 250 rivals for each`,

  async run(bench) {
    const crowds = [];
    for (const subject of [service, exclusion, onConflict, emmett]) crowds.push(await crowd(bench, subject));
    const [own, a] = crowds as [Crowd, Crowd];
    return {
      unit: 'answers',
      rows: crowds.map(({ row }) => row),
      goals: [
        atLeast(50, a.row.subject, own.row.perSecond, a.row.perSecond),
        holds(`exactly ${SLOTS} accepted`, own.accepted === SLOTS, String(own.accepted)),
        holds('no 5xx', own.broken === 0, String(own.broken)),
      ],
    };
  },
};

interface Crowd {
  readonly row: Row;
  readonly accepted: number;
  /** Answers of 500 or more. */
  readonly broken: number;
}

async function crowd(bench: Bench, subject: Subject): Promise<Crowd> {
  const rivals = bench.options.quick ? 50 : 250;
  const limit = bench.options.quick ? 8 : 45;
  return withDatabase(bench, (url) =>
    withSubject(bench, subject, url, async (running) => {
      const sessions = () =>
        count(url, `select count(*) as n from ${subject.sessionsTable} where coach_hash_id = 'coach-of-the-crowd'`);
      const send = (connections: number, first: number, requests: number) =>
        sendCounted({
          url: running.httpUrl,
          connections,
          seconds: limit,
          count: requests,
          requests: { kind: 'crowd', first, coaches: 1, rivals },
        });
      // Other coaches' slots, so that nobody is measured while it compiles its code.
      await sendHttp({
        url: running.httpUrl,
        connections: 8,
        seconds: bench.options.warmUp,
        requests: { kind: 'book', first: 0, coaches: 1_000 },
      });
      const measured = await measure(bench, [running.pid], () => send(rivals, 0, rivals * SLOTS));
      const { statuses, requests, surprises } = measured.load;
      const accepted = statuses['201'] ?? 0;
      const broken = sum(statuses, (status) => status >= '500');
      await checkBookings(url, subject.sessionsTable!, accepted);
      const booked = await sessions();
      const cut = requests < rivals * SLOTS ? `cut off after ${limit} s; ` : '';
      bench.tell(`  ${subject.name}: ${JSON.stringify(statuses)} ${surprises[0]?.split('\r\n').at(-1) ?? ''}`);
      return {
        row: rowOf(subject.name, [measured], `${cut}${accepted} accepted (${booked} in the database), ${broken} × 5xx`),
        accepted,
        broken,
      };
    }),
  );
}

function sum(statuses: Readonly<Record<string, number>>, wanted: (status: string) => boolean): number {
  return Object.entries(statuses).reduce((total, [status, many]) => total + (wanted(status) ? many : 0), 0);
}
