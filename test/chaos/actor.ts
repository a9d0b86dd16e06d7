import type { JsonObject } from '@bufbuild/protobuf';
import { pauseQuietly } from '../../src/waiting.js';
import type { Random } from '../model/random.js';
import type { Answer } from '../support/doors.js';
import type { Caller } from './caller.js';
import { sessionsOf } from './ledger.js';

/** What an actor needs. */
export interface ActorParts {
  readonly caller: Caller;
  readonly random: Random;
  readonly onWrong: (what: string) => void;
  /** Ends the actor after the command under way. */
  readonly signal: AbortSignal;
}

/** How many people there are: few, so that they get in each other's way. */
const COACHES = 12;
const CLIENTS = 15;

/** The most sessions, holds and series that an actor goes on with. */
const MOST = 12;

const DAY = 86_400_000;
const FUTURE = Date.UTC(2031, 0, 1);
const PAST = Date.UTC(2022, 0, 3);

/**
 * Lives the whole life of sessions, holds and series until the signal aborts: books, moves, cancels and completes them,
 * with etags that are right or stale, and looks at what it was told.
 */
export async function act({ caller, random, onWrong, signal }: ActorParts): Promise<void> {
  const sessions: JsonObject[] = [];
  const holds: JsonObject[] = [];
  const series: { id: string; coach: string; size: number }[] = [];
  let acts = 0;

  const coach = () => `coach${random.below(COACHES)}`;
  const parties = () => ({ coach_hash_id: coach(), client_hash_id: `client${random.below(CLIENTS)}` });

  /** A time in a span that grows, so that there is always a time that is free, and one that is not. */
  function slot(from: number): { start: string; duration: number } {
    const days = 3 + acts / 20;
    const start = from + random.below(days) * DAY + (8 * 4 + random.below(40)) * 15 * 60_000;
    return { start: timeText(start), duration: 15 * (1 + random.below(6)) };
  }

  function keep<Item>(items: Item[], item: Item): void {
    items.push(item);
    if (items.length > MOST) items.splice(random.below(items.length), 1);
  }

  function take<Item>(items: Item[]): Item | undefined {
    return items.splice(random.below(items.length), 1)[0];
  }

  async function look(answer: Answer): Promise<void> {
    const [session] = sessionsOf(answer);
    if (!session || !random.chance(0.3)) return;
    const { consistency_token } = answer.response as { consistency_token: string };
    const read = await caller.read('getSession', { id: session['id']!, consistency_token });
    if (read?.code === 'NotFound') onWrong(`session ${session['id']} was not found after it was answered`);
    const [seen] = read ? sessionsOf(read) : [];
    if (seen && Number(seen['etag']) < Number(session['etag'])) {
      onWrong(`session ${session['id']} had etag ${seen['etag']} after it was answered with ${session['etag']}`);
    }
  }

  async function schedule(): Promise<void> {
    const session = { ...parties(), ...slot(random.chance(0.25) ? PAST : FUTURE) };
    const answer = await caller.command('scheduleSession', session.coach_hash_id, { session });
    if (answer?.code !== 'OK') return;
    keep(sessions, sessionsOf(answer)[0]!);
    await look(answer);
  }

  async function change(): Promise<void> {
    const session = take(sessions);
    if (!session) return schedule();
    const { id, coach_hash_id, etag } = session as Record<'id' | 'coach_hash_id' | 'etag', string>;
    const version = random.chance(0.5) ? { etag: random.chance(0.1) ? '0' : etag } : {};
    const isPast = Date.parse(session['start'] as string) < FUTURE;
    const answer = await (isPast
      ? changePast(id, coach_hash_id, version, session['state'])
      : changeFuture(id, coach_hash_id, version));
    if (answer?.code !== 'OK') return;
    const [after] = sessionsOf(answer);
    if (after && after['state'] !== 'SESSION_STATE_CANCELLED') keep(sessions, after);
    await look(answer);
  }

  function changePast(id: string, of: string, version: JsonObject, state: unknown): Promise<Answer | undefined> {
    if (state !== 'SESSION_STATE_SCHEDULED') {
      const outcome = random.chance(0.5)
        ? { outcome: 'SESSION_STATE_COMPLETED' }
        : { outcome: 'SESSION_STATE_NO_SHOW', absent: random.chance(0.5) ? 'PARTY_COACH' : 'PARTY_CLIENT' };
      return caller.command('correctOutcome', of, { id, ...version, ...outcome, reason: 'a mistake' });
    }
    return random.chance(0.6)
      ? caller.command('completeSession', of, { id, ...version })
      : caller.command('markNoShow', of, { id, ...version, absent: 'PARTY_CLIENT' });
  }

  function changeFuture(id: string, of: string, version: JsonObject): Promise<Answer | undefined> {
    return random.chance(0.55)
      ? caller.command('rescheduleSession', of, { id, ...version, ...slot(FUTURE), reason: 'a late train' })
      : caller.command('cancelSession', of, { id, ...version, cancelled_by: 'PARTY_CLIENT' });
  }

  async function hold(): Promise<void> {
    const wanted = { ...parties(), ...slot(FUTURE) };
    const ttl_seconds = random.chance(0.3) ? 1 : 300;
    const answer = await caller.command('holdSlot', wanted.coach_hash_id, { hold: wanted, ttl_seconds });
    const { hold: held } = (answer?.response ?? {}) as { hold?: JsonObject };
    if (held) keep(holds, held);
  }

  async function endHold(): Promise<void> {
    const held = take(holds);
    if (!held) return hold();
    const { id, coach_hash_id } = held as Record<'id' | 'coach_hash_id', string>;
    if (random.chance(0.4)) {
      await caller.command('releaseHold', coach_hash_id, { id });
      return;
    }
    const answer = await caller.command('confirmHold', coach_hash_id, { id });
    if (answer?.code === 'OK') keep(sessions, sessionsOf(answer)[0]!);
  }

  async function scheduleSeries(): Promise<void> {
    const of = parties();
    const { start, duration } = slot(FUTURE);
    const wanted = { ...of, local_start: start.slice(0, 16), time_zone: 'UTC', duration };
    const recurrence = `FREQ=DAILY;COUNT=${2 + random.below(5)}`;
    const request = { series: { ...wanted, recurrence }, skip_conflicts: true };
    const answer = await caller.command('scheduleSeries', of.coach_hash_id, request);
    const { series: made } = (answer?.response ?? {}) as { series?: { id: string } };
    if (made) keep(series, { id: made.id, coach: of.coach_hash_id, size: sessionsOf(answer!).length });
  }

  async function changeSeries(): Promise<void> {
    const one = take(series);
    if (!one) return scheduleSeries();
    const change = { series_id: one.id, from_occurrence: 1 + random.below(one.size) };
    if (random.chance(0.5)) {
      await caller.command('cancelSeries', one.coach, { ...change, cancelled_by: 'PARTY_COACH' });
      return;
    }
    const local_start = slot(FUTURE).start.slice(0, 16);
    await caller.command('rescheduleSeries', one.coach, { ...change, local_start });
    keep(series, one);
  }

  // Each as often as it stands here.
  const ways = [
    ...Array<typeof schedule>(8).fill(schedule),
    ...Array<typeof schedule>(9).fill(change),
    ...Array<typeof schedule>(3).fill(hold),
    ...Array<typeof schedule>(3).fill(endHold),
    scheduleSeries,
    changeSeries,
  ];

  while (!signal.aborted) {
    await ways[random.below(ways.length)]!();
    acts += 1;
    await pauseQuietly(random.below(40), signal);
  }
}

/** As protobuf JSON writes a time. */
function timeText(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
