import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf, type Requests, wantedSession } from '../load/requests.js';
import { type Measured, withSubject } from './measure.js';
import { ask } from './postgres.js';
import type { Bench } from './scenario.js';
import { projected, seed } from './seed.js';
import { service } from './subjects.js';
import { count } from './truth.js';

/** How many sessions the coaches have had. */
export function pastsOf({ options: { quick } }: Bench): readonly number[] {
  return quick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000];
}

/** Bookings of the coach who has had so many sessions: at free slots, for clients who come to nobody else. */
export function bookingsOf(past: number | string, first = 0): Requests {
  return { kind: 'book', first, coaches: 1, clients: 1_000, prefix: `${past}-`, clientPrefix: `${past}-` };
}

/** Bookings of other coaches, so that no coach is measured while the service compiles its code. */
export function warmUpOf(nr: number): Requests {
  return { kind: 'book', first: nr * 1_000_000, coaches: 20, prefix: 'warm-up-', clientPrefix: 'warm-up-' };
}

const LIMIT = 120_000;

/** Writes the pasts of coaches, and has the service make the read model and the snapshots of them. */
export async function preparePasts(bench: Bench, url: string): Promise<void> {
  const pasts = pastsOf(bench);
  await seed(
    url,
    pasts.map((past) => ({ coachHashId: wantedSession(bookingsOf(past), 0).coachHashId, sessions: past })),
  );
  await withSubject(bench, service, url, async ({ httpUrl }) => {
    await projected(url);
    const started = performance.now();
    for (const past of pasts) {
      // The first command reads all events, which may take longer than a call may; the booking may be made all the same.
      while (![201, 409].includes(await book(httpUrl, past, 0))) await untilLater(started);
    }
    // The stream is named by the past.
    const snapshots = `
      select count(*) as n from read_model.snapshots where revision + 1 >= substring(stream from '[0-9]+')::bigint`;
    while ((await count(url, snapshots)) < pasts.length) await untilLater(started);
  });
  await ask(url, 'vacuum analyze');
}

async function untilLater(started: number): Promise<void> {
  if (performance.now() - started > LIMIT) throw new Error('the service made no snapshots');
  await sleep(100);
}

/** Makes the nth booking of a coach. Answers the status. */
export async function book(httpUrl: string, past: number | string, nr: number): Promise<number> {
  const response = await fetch(`${httpUrl}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(wantedSession(bookingsOf(past), nr)),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Milliseconds of processor time that a booking took, of the service and of Postgres. */
export function cpuOf({ cpuSeconds, load }: Measured): number {
  return (1000 * (cpuSeconds.subject + cpuSeconds.postgres)) / load.requests;
}
