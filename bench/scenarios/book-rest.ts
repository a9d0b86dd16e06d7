import { appendRaw, sendHttp } from '../harness/load.js';
import { inTurns, type Measured, measure, tellStatements, withDatabase } from '../harness/measure.js';
import { atLeast, atMost, type Bench, holds, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import { emmett, exclusion, fastifyEcho, onConflict, service } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';

const CONNECTIONS = 32;

/** How many coaches the bookings are for, in turns. */
export const COACHES = 1_000;

/** The number of the first booking that is measured: far behind those of the warm-up. */
export const FIRST_MEASURED = 10_000_000;

/** Free slots of 1,000 coaches, booked over 32 connections. */
export const bookRest: Scenario = {
  name: 'book-rest',
  title: `book free slots over REST, ${CONNECTIONS} connections, ${COACHES} coaches`,

  async run(bench) {
    const subjects = [service, exclusion, onConflict, emmett, fastifyEcho];
    const rounds = await inTurns(bench, subjects, (subject, running, url) =>
      bookOverRest(bench, subject, running, url),
    );
    const raw = await withDatabase(bench, (url) => appendRaw(url, CONNECTIONS, bench.options.seconds));

    const rows = subjects.map((subject) => rowOf(subject.name, rounds.get(subject)!));
    const [own, a, , b] = rows as [Row, Row, Row, Row];
    return {
      unit: 'bookings',
      rows: [
        ...rows,
        {
          subject: 'raw append',
          perSecond: raw.requests / raw.seconds,
          p50: raw.p50,
          p99: raw.p99,
          note: `${CONNECTIONS} rows a commit`,
        },
      ],
      goals: [
        atLeast(3, a.subject, own.perSecond, a.perSecond),
        atLeast(3, b.subject, own.perSecond, b.perSecond),
        { ...atMost(1, `the p99 of ${a.subject}`, own.p99!, a.p99!) },
        holds('the read model caught up within 1 s, no double booking', true),
      ],
    };
  },
};

type Row = ReturnType<typeof rowOf>;

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
  await book(0, warmUp);
  const measured = await measure(bench, [running.pid], () => book(FIRST_MEASURED, seconds));
  checkAnswers(measured.load, /^2/);
  if (subject.sessionsTable) await checkBookings(url, subject.sessionsTable, measured.load.requests);
  await tellStatements(bench, url);
  return measured;
}
