/**
 * Simulates processes that book for coaches on one log. A process keeps coaches in memory, as it last saw them, and
 * appends at the revision that it knows; another process may have been faster. Bookings for a coach whose append is
 * under way wait and go together in the next one. Time is simulated: nothing waits.
 */
import { createRing } from '../load/routing.js';

/** What to simulate. */
export interface Setup {
  readonly processes: number;
  /** `coach`: consistent hashing. `random`: any process. */
  readonly by: 'coach' | 'random';
  readonly bookings: number;
  /** How many coaches there are for each process, and how many bookings it makes a second. */
  readonly coachesEach: number;
  readonly perSecondEach: number;
  /** How many coaches a process keeps in memory. */
  readonly cached: number;
  /** Milliseconds for a read of a coach, and for an append. */
  readonly roundTripMs: number;
}

/** What happened, without the first half of the bookings, in which the caches fill. */
export interface Outcome {
  readonly bookings: number;
  readonly appends: number;
  readonly conflicts: number;
  /** Coaches read because the process did not have them in memory. */
  readonly coldReads: number;
  /** The most times that one batch was decided again. */
  readonly mostRetries: number;
  /** Milliseconds from a booking to its answer. */
  readonly meanMs: number;
}

/** A coach in one process. */
interface Inbox {
  /** When the bookings that wait arrived. */
  waiting: number[];
  batch: number[];
  known: number;
  retries: number;
}

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** Runs a simulation. The same setup gives the same outcome. */
export function simulate(setup: Setup): Outcome {
  const { processes, by, bookings, coachesEach, perSecondEach, cached, roundTripMs } = setup;
  const coaches = processes * coachesEach;
  const random = createRandom(1);
  const owners = by === 'coach' ? ownersOf(coaches, processes) : undefined;
  const head = new Int32Array(coaches);
  const memories = Array.from({ length: processes }, () => new Map<number, number>());
  const inboxes = Array.from({ length: processes }, () => new Map<number, Inbox>());
  const events = createQueue();
  const counted = { bookings: 0, appends: 0, conflicts: 0, coldReads: 0, mostRetries: 0, sumMs: 0 };
  let now = 0;
  let isCounting = false;

  function arrive(): void {
    // Some coaches are sought after: a hundredth of them gets a twentieth of the bookings.
    const coach = Math.floor(coaches * random() ** 1.5);
    const process = owners?.[coach] ?? Math.floor(processes * random());
    const inbox = inboxes[process]!.get(coach);
    if (inbox) inbox.waiting.push(now);
    else open(process, coach);
  }

  function open(process: number, coach: number): void {
    const known = memories[process]!.get(coach);
    const inbox: Inbox = { waiting: [], batch: [now], known: known ?? -1, retries: 0 };
    inboxes[process]!.set(coach, inbox);
    if (known === undefined) {
      if (isCounting) counted.coldReads += 1;
      read(process, coach, inbox);
    } else append(process, coach, inbox);
  }

  function read(process: number, coach: number, inbox: Inbox): void {
    // What the database answers is as of the middle of the way.
    after(roundTripMs / 2, () => {
      inbox.known = head[coach]!;
      after(roundTripMs / 2, () => append(process, coach, inbox));
    });
  }

  function append(process: number, coach: number, inbox: Inbox): void {
    after(roundTripMs / 2, () => {
      if (isCounting) counted.appends += 1;
      const isFirst = head[coach] === inbox.known;
      if (isFirst) head[coach]! += inbox.batch.length;
      after(roundTripMs / 2, () => (isFirst ? answer(process, coach, inbox) : decideAgain(process, coach, inbox)));
    });
  }

  function decideAgain(process: number, coach: number, inbox: Inbox): void {
    inbox.retries += 1;
    if (isCounting) {
      counted.conflicts += 1;
      counted.mostRetries = Math.max(counted.mostRetries, inbox.retries);
    }
    read(process, coach, inbox);
  }

  function answer(process: number, coach: number, inbox: Inbox): void {
    if (isCounting) {
      counted.bookings += inbox.batch.length;
      for (const arrived of inbox.batch) counted.sumMs += now - arrived;
    }
    inbox.known += inbox.batch.length;
    remember(memories[process]!, coach, inbox.known);
    inbox.retries = 0;
    inbox.batch = inbox.waiting;
    inbox.waiting = [];
    if (inbox.batch.length > 0) append(process, coach, inbox);
    else inboxes[process]!.delete(coach);
  }

  /** Keeps the coaches used last. */
  function remember(memory: Map<number, number>, coach: number, revision: number): void {
    memory.delete(coach);
    memory.set(coach, revision);
    if (memory.size > cached) memory.delete(memory.keys().next().value!);
  }

  function after(ms: number, run: () => void): void {
    events.add({ at: now + ms, run });
  }

  const meanGap = 1000 / (processes * perSecondEach);
  let arrived = 0;
  let nextArrival = 0;
  for (;;) {
    const event = events.first();
    if (arrived < bookings && (!event || nextArrival <= event.at)) {
      now = nextArrival;
      arrived += 1;
      isCounting = arrived > bookings / 2;
      nextArrival = now - meanGap * Math.log(1 - random());
      arrive();
    } else if (event) {
      events.takeFirst();
      now = event.at;
      event.run();
    } else break;
  }
  const { sumMs, ...counts } = counted;
  return { ...counts, meanMs: sumMs / counts.bookings };
}

function ownersOf(coaches: number, processes: number): Uint16Array {
  const ring = createRing(processes);
  return Uint16Array.from({ length: coaches }, (_, coach) => ring.ownerOf(`coach-${coach}`));
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Events by their time. All are the same time ahead, so they come in order: a queue is enough. */
function createQueue() {
  let queue: Event[] = [];
  let from = 0;
  return {
    add: (event: Event) => queue.push(event),
    first: () => queue[from],
    takeFirst() {
      from += 1;
      if (from < 100_000) return;
      queue = queue.slice(from);
      from = 0;
    },
  };
}
