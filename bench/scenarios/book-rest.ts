import { appendRaw, sendHttp } from '../harness/load.js';
import { inTurns, type Measured, measure, tellStatements, withDatabase } from '../harness/measure.js';
import { atLeast, atMost, type Bench, holds, type Row, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import {
  emmett,
  exclusion,
  exclusionForCoaches,
  fastifyEcho,
  onConflict,
  onConflictForCoaches,
  service,
  serviceForCoaches,
} from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { firstAfter } from '../load/requests.js';

const CONNECTIONS = 32;

/** How many coaches the bookings are for, in turns. */
export const COACHES = 1_000;

/** Free slots of 1,000 coaches, booked over 32 connections: with the rule for clients, and without. */
export const bookRest: Scenario = {
  name: 'book-rest',
  title: `book free slots over REST, ${CONNECTIONS} connections, ${COACHES.toLocaleString('en')} coaches`,

  async run(bench) {
    const guarded = [service, exclusion, onConflict];
    const forCoaches = [serviceForCoaches, exclusionForCoaches, onConflictForCoaches, emmett];
    const rounds = await inTurns(bench, [...guarded, ...forCoaches, fastifyEcho], (subject, running, url) =>
      bookOverRest(bench, subject, running, url),
    );
    const raw = await withDatabase(bench, (url) => appendRaw(url, CONNECTIONS, bench.options.seconds));

    const row = (subject: Subject) => rowOf(subject.name, rounds.get(subject)!);
    const [own, ownForCoaches, peerForCoaches] = [service, serviceForCoaches, exclusionForCoaches].map(row) as [
      Row,
      Row,
      Row,
    ];
    return {
      unit: 'bookings',
      rows: [
        ...guarded.map(row),
        ...forCoaches.map(row),
        { ...row(fastifyEcho), isLimit: true },
        {
          subject: 'raw append',
          isLimit: true,
          perSecond: raw.requests / raw.seconds,
          p50: raw.p50,
          p99: raw.p99,
          note: `${CONNECTIONS} rows a commit; a booking is two rows, without the rule for clients one`,
        },
      ],
      goals: [
        atLeast(3, ownForCoaches, peerForCoaches),
        atLeast(3, ownForCoaches, row(emmett)),
        atMost(1, 'p99, coaches only: {} that of fastify-exclusion', ownForCoaches.p99!, peerForCoaches.p99!),
        atLeast(2, own, row(exclusion)),
        holds('the read model caught up within 1 s, no double booking', true),
      ],
    };
  },
};

/** Books for a time, after a warm-up, and checks what is in the database. */
export async function bookOverRest(bench: Bench, subject: Subject, running: Running, url: string): Promise<Measured> {
  const { seconds, warmUp } = bench.options;
  const book = (first: number, time: number) =>
    sendHttp({
      url: running.httpUrl,
      connections: CONNECTIONS,
      seconds: time,
      requests: { kind: 'book', first, coaches: COACHES },
    });
  const { requests } = await book(0, warmUp);
  const measured = await measure(bench, [running.pid], () => book(firstAfter(requests, COACHES), seconds));
  checkAnswers(measured.load, /^2/);
  if (subject.keeps) await checkBookings(url, subject.keeps, measured.load.requests);
  await tellStatements(bench, url);
  return measured;
}
