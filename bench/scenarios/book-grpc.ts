import { sendGrpc } from '../harness/load.js';
import { inTurns, type Measured, measure, tellStatements } from '../harness/measure.js';
import { atLeast, type Bench, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import { exclusionForCoaches, grpcEcho, service, serviceForCoaches } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { firstAfter } from '../load/requests.js';
import { bookOverRest, COACHES } from './book-rest.js';

const IN_FLIGHT = 64;

/** Free slots of 1,000 coaches, booked over one gRPC connection; the peer over REST, which is all that it has. */
export const bookGrpc: Scenario = {
  name: 'book-grpc',
  title: `book free slots over gRPC, ${IN_FLIGHT} in flight, ${COACHES.toLocaleString('en')} coaches`,

  async run(bench) {
    const subjects = [service, serviceForCoaches, grpcEcho, exclusionForCoaches];
    const rounds = await inTurns(bench, subjects, (subject, running, url) =>
      (subject === exclusionForCoaches ? bookOverRest : bookOverGrpc)(bench, subject, running, url),
    );
    const row = (subject: Subject, note?: string) => rowOf(subject, rounds.get(subject)!, note);
    const own = row(serviceForCoaches);
    const echo = { ...row(grpcEcho), isLimit: true };
    return {
      unit: 'bookings',
      rows: [row(service), own, row(exclusionForCoaches, 'over REST, 32 connections'), echo],
      goals: [atLeast(0.7, own, echo)],
      checked: 'the read model caught up within 1 s, no double booking',
    };
  },
};

/** Books for a time, after a warm-up, and checks what is in the database. */
async function bookOverGrpc(bench: Bench, subject: Subject, running: Running, url: string): Promise<Measured> {
  const { seconds, warmUp } = bench.options;
  const book = (first: number, time: number) =>
    sendGrpc({
      address: running.grpcAddress,
      inFlight: IN_FLIGHT,
      seconds: time,
      requests: { kind: 'book', first, coaches: COACHES },
    });
  const { requests } = await book(0, warmUp);
  const measured = await measure(bench, [running.pid], () => book(firstAfter(requests, COACHES), seconds));
  checkAnswers(measured.load, /^OK$/);
  if (subject.keeps) await checkBookings(url, subject.keeps, measured.load.requests);
  await tellStatements(bench, url);
  return measured;
}
