import { sendGrpc } from '../harness/load.js';
import { inTurns, type Measured, measure, tellStatements } from '../harness/measure.js';
import { atLeast, type Bench, holds, rowOf, type Scenario } from '../harness/scenario.js';
import type { Running, Subject } from '../harness/subject.js';
import { exclusion, grpcEcho, service } from '../harness/subjects.js';
import { checkAnswers, checkBookings } from '../harness/truth.js';
import { bookOverRest, COACHES, FIRST_MEASURED } from './book-rest.js';

const IN_FLIGHT = 64;

/** Free slots of 1,000 coaches, booked over one gRPC connection; the peer over REST, which is all that it has. */
export const bookGrpc: Scenario = {
  name: 'book-grpc',
  title: `book free slots over gRPC, ${IN_FLIGHT} in flight, ${COACHES} coaches`,

  async run(bench) {
    const subjects = [service, grpcEcho, exclusion];
    const rounds = await inTurns(bench, subjects, (subject, running, url) =>
      (subject === exclusion ? bookOverRest : bookOverGrpc)(bench, subject, running, url),
    );
    const own = rowOf(service.name, rounds.get(service)!);
    const echo = rowOf(grpcEcho.name, rounds.get(grpcEcho)!);
    const peer = rowOf(exclusion.name, rounds.get(exclusion)!, 'over REST, 32 connections');
    return {
      unit: 'bookings',
      rows: [own, echo, peer],
      goals: [
        atLeast(3, peer.subject, own.perSecond, peer.perSecond),
        atLeast(0.5, echo.subject, own.perSecond, echo.perSecond),
        holds('the read model caught up within 1 s, no double booking', true),
      ],
    };
  },
};

/** Books for a time, after a warm-up, and checks what is in the database. */
export async function bookOverGrpc(bench: Bench, subject: Subject, running: Running, url: string): Promise<Measured> {
  const { seconds, warmUp } = bench.options;
  const book = (first: number, time: number) =>
    sendGrpc({
      address: running.grpcAddress,
      inFlight: IN_FLIGHT,
      seconds: time,
      requests: { kind: 'book', first, coaches: COACHES },
    });
  await book(0, warmUp);
  const measured = await measure(bench, [running.pid], () => book(FIRST_MEASURED, seconds));
  checkAnswers(measured.load, /^OK$/);
  if (subject.sessionsTable) await checkBookings(url, subject.sessionsTable, measured.load.requests);
  await tellStatements(bench, url);
  return measured;
}
