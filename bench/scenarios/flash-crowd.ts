import { sendCounted, sendHttp } from '../harness/load.js';
import { inTurns, type Measured, measure, ready } from '../harness/measure.js';
import { atLeast, type Bench, fastest, holds, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import { emmett, NODE_PEER, peers, peersForCoaches, service, serviceForCoaches } from '../harness/subjects.js';
import { checkBookings, count } from '../harness/truth.js';
import type { Requests } from '../load/requests.js';

const SLOTS = 40;
/** Deadlocks hold up every client of Postgres for as long, so one of those peers shows what they cost. */
const IN_THE_CROWD = /^fastify-exclusion|-on-conflict/;

/** 250 rivals, each on a connection of its own, want the same 40 slots of one coach, one slot after the other. */
export const flashCrowd: Scenario = {
  name: 'flash-crowd',
  title: `${SLOTS} slots of one coach, 250 rivals for each`,

  async run(bench) {
    const crowded = ({ name }: Subject) => IN_THE_CROWD.test(name);
    const subjects = ready(bench, [
      service,
      ...peers.filter(crowded),
      serviceForCoaches,
      ...peersForCoaches.filter(crowded),
      emmett,
    ]);
    const rounds = await inTurns(bench, subjects, (subject, running, url) => crowd(bench, subject, running, url));

    const row = (subject: Subject) => rowOf(subject, rounds.get(subject)!, noteOn(subject, rounds.get(subject)!));
    const others = peers.filter((subject) => subjects.includes(subject)).map(row);
    const onNode = others.filter(({ variantOf }) => variantOf === NODE_PEER);
    const own = [service, serviceForCoaches].flatMap((subject) => rounds.get(subject)!);
    const accepted = own.map((measured) => answers(measured, /^201$/));
    const broken = own.reduce((total, measured) => total + answers(measured, /^5/), 0);
    return {
      unit: 'answers',
      rows: subjects.map(row),
      goals: [
        atLeast(3, row(service), fastest(onNode)),
        atLeast(1, row(service), fastest(others)),
        holds(
          `exactly ${SLOTS} accepted`,
          accepted.every((many) => many === SLOTS),
          accepted.join(', '),
        ),
        holds('no 5xx', broken === 0, String(broken)),
      ],
    };
  },
};

async function crowd(bench: Bench, subject: Subject, running: Running, url: string): Promise<Measured> {
  const { quick, warmUp } = bench.options;
  const rivals = quick ? 50 : 250;
  const limit = quick ? 5 : 20;
  const { httpUrl } = running;
  const requests: Requests = { kind: 'crowd', first: 0, coaches: 1, rivals };

  // Slots of other coaches, taken and refused, so that no subject is measured while it compiles its code.
  const few = { url: httpUrl, connections: 8, seconds: warmUp };
  await sendHttp({ ...few, requests: { kind: 'book', first: 0, coaches: 1_000 } });
  await sendCounted({ ...few, requests: { ...requests, prefix: 'other-', clientPrefix: 'other-' } });

  const measured = await measure(bench, [running.pid], () =>
    sendCounted({ url: httpUrl, connections: rivals, seconds: limit, count: rivals * SLOTS, requests }),
  );
  const { statuses, surprises } = measured.load;
  bench.tell(`  ${subject.name}: ${JSON.stringify(statuses)} ${surprises[0]?.split('\r\n').at(-1) ?? ''}`);

  const accepted = answers(measured, /^201$/);
  await checkBookings(url, subject.keeps!, accepted);
  const query = `select count(*) as n from ${subject.keeps!.table} where coach_hash_id = 'coach-of-the-crowd'`;
  const kept = await count(url, query);
  if (kept !== accepted) throw new Error(`${subject.name} accepted ${accepted} of the crowd and keeps ${kept}`);
  return measured;
}

function noteOn({ keeps }: Subject, rounds: readonly Measured[]): string {
  const each = (status: RegExp) => rounds.map((measured) => answers(measured, status)).join(', ');
  const counts = `${each(/^201$/)} accepted; ${each(/^409$/)} refused; ${each(/^5/)} × 5xx`;
  return keeps?.exception ? `${counts}; ${keeps.exception}` : counts;
}

/** How many answers had a status. */
function answers({ load: { statuses } }: Measured, wanted: RegExp): number {
  return Object.entries(statuses).reduce((total, [status, many]) => total + (wanted.test(status) ? many : 0), 0);
}
