import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadResult } from '../load/load-result.js';
import { ask } from './postgres.js';
import type { Kept } from './subject.js';

/** Milliseconds after the last booking for which the read model may be behind. */
const CATCH_UP_LIMIT = 1_000;
const GIVE_UP = 20_000;

/**
 * Makes sure that what a load booked is in the database, once each and within a second of the last answer, and that
 * nobody whom the subject guards is in two sessions at once, if it has no exception. Throws when it is not.
 * @param bookings answered as accepted, at least
 */
export async function checkBookings(
  databaseUrl: string,
  { table, guards, exception }: Kept,
  bookings: number,
): Promise<void> {
  const started = performance.now();
  if (table === 'read_model.sessions') await caughtUp(databaseUrl, started);
  const sessions = await count(databaseUrl, `select count(*) as n from ${table}`);
  if (sessions < bookings) throw new Error(`${bookings} bookings were accepted, ${sessions} are in ${table}`);
  if (exception) return;

  for (const whose of guards === 'coaches' ? ['coach'] : ['coach', 'client']) {
    const overlaps = await count(
      databaseUrl,
      `select count(*) as n from (
         select start < max(start + duration * interval '1 minute') over (
           partition by ${whose}_hash_id order by start, id rows between unbounded preceding and 1 preceding
         ) as clash
         from ${table}
       ) each where clash`,
    );
    if (overlaps > 0) throw new Error(`${overlaps} double bookings of a ${whose} in ${table}`);
  }
}

/** Checks that a load met the given statuses only. Throws with the first of any others. */
export function checkAnswers({ statuses, surprises, requests }: LoadResult, expected: RegExp): void {
  const others = Object.keys(statuses).filter((status) => !expected.test(status));
  if (requests === 0 || others.length > 0 || surprises.length > 0)
    throw new Error(`answers: ${JSON.stringify(statuses)} ${surprises.join('\n')}`);
}

async function caughtUp(databaseUrl: string, started: number): Promise<void> {
  for (;;) {
    const behind = await count(
      databaseUrl,
      `select coalesce((select max(position) from event_store.events), 0)
         - coalesce((select position from read_model.checkpoints where projection = 'sessions'), 0) as n`,
    );
    const passed = performance.now() - started;
    if (behind === 0 && passed <= CATCH_UP_LIMIT) return;
    if (behind === 0 || passed > GIVE_UP)
      throw new Error(
        `the read model was ${Math.round(passed)} ms behind after the last booking, now ${behind} events`,
      );
    await sleep(20);
  }
}

/** The one number that a statement answers, as `n`. */
export async function count(databaseUrl: string, text: string): Promise<number> {
  return Number((await ask<{ n: string }>(databaseUrl, text))[0]!.n);
}
