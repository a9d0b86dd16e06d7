import type { RecordedEvent } from '../../src/event-store/event-store.js';
import { type ClientTime, isInTheWay, reservationsIn } from './afterwards.js';
import type { Caller } from './caller.js';

/** Reservations that calls had left, and the longest time that booking one of them anew took, in milliseconds. */
export interface Left {
  readonly count: number;
  readonly ms: number;
}

/** Milliseconds that a booking may take in whose way a call has left a reservation: the patience, and a busy machine. */
const SETTLE_LIMIT = 6_000;

/**
 * Books what a log says is free: for every client a time that nobody ever wanted, and all times whose reservations
 * nothing uses. Calls `onWrong` with a sentence for each that is refused or takes too long, and for each that is
 * accepted and is not free.
 */
export async function checkNobodyIsBlocked(
  log: readonly RecordedEvent[],
  caller: Caller,
  onWrong: (what: string) => void,
): Promise<Left> {
  const { used, left } = reservationsIn(log, Date.now());
  const taken = [...used];
  let coaches = 0;
  let longest = 0;

  async function book(time: ClientTime): Promise<void> {
    coaches += 1;
    const { client, start, duration } = time;
    const session = { coach_hash_id: `fresh${coaches}`, client_hash_id: client, start, duration };
    const since = performance.now();
    const answer = await caller.command('scheduleSession', session.coach_hash_id, { session });
    const ms = Math.round(performance.now() - since);
    longest = Math.max(longest, ms);
    const told = answer?.reason ?? answer?.code;
    const expected = taken.some((one) => isInTheWay(one, time)) ? 'CLIENT_OVERLAP' : 'OK';
    if (told !== expected) onWrong(`${client} was told ${told}, not ${expected}, of ${start}`);
    if (ms > SETTLE_LIMIT) onWrong(`${client} waited ${ms} ms for ${start}`);
    if (told === 'OK') taken.push(time);
  }

  for (const time of left) await book(time);
  const settled = { count: left.length, ms: longest };
  for (const client of new Set([...used, ...left].map((time) => time.client))) {
    await book({ client, start: '2036-01-01T09:00:00Z', duration: 60 });
  }
  return settled;
}
