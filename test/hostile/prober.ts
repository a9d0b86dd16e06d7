import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { JsonObject } from '@bufbuild/protobuf';
import { pause } from '../../src/waiting.js';
import { type Door, doorsOf, getSession, listSessions, scheduleSession } from '../support/doors.js';
import { type ThreadTime, threadTime } from '../support/thread-time.js';

/*
 * A well-behaved caller, in a thread of its own: through each door it books a session, gets it and lists it, again and
 * again, and notes how long it waited. On a message it says what it noted since the last one.
 */

/** One call of the well-behaved caller. */
export interface Wait {
  readonly door: string;
  readonly method: string;
  /** Anything but OK is a fault. */
  readonly code: string;
  /** When the call began, epoch milliseconds. */
  readonly at: number;
  readonly ms: number;
  /**
   * Milliseconds of these for which the service is to blame: its main thread was at work, and neither that thread nor the
   * caller waited for a processor, nor a processor for its host. On a machine that is busy with something else, a wait has
   * few of them.
   */
  readonly blamedMs: number;
}

/** What the thread is started with. */
export interface ProberData {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly servicePid: number;
}

/** Milliseconds between two rounds. */
const INTERVAL = 50;

/** A coach gets a new life after so many sessions, to stay a usual one. */
const SESSIONS_OF_A_COACH = 100;

const data = workerData as ProberData;
let waits: Wait[] = [];

/** Where the system does not say how its threads are scheduled, the service is to blame for every wait. */
const UNKNOWN: ThreadTime = { ran: 0, waited: 0 };

/** Milliseconds for which the host of a virtual machine has kept each of its processors from it, so far. */
function stolen(): readonly number[] {
  try {
    const lines = readFileSync('/proc/stat', 'utf8').split('\n');
    const ofProcessors = lines.filter((line) => /^cpu\d/.test(line));
    return ofProcessors.map((line) => Number(line.split(' ')[8] ?? 0) * MS_OF_A_TICK);
  } catch {
    return [];
  }
}

/** Of the times in /proc/stat, proc(5). */
const MS_OF_A_TICK = 10;

/**
 * Begins to look at the threads; then says how many of these milliseconds the service is to blame for. A thread that
 * seems to run may stand still with its processor, whichever that is.
 */
function blame(): (ms: number) => number {
  const look = () =>
    [threadTime(`${data.servicePid}/task/${data.servicePid}`) ?? UNKNOWN, threadTime() ?? UNKNOWN, stolen()] as const;
  const [service, own, fromUs] = look();
  return (ms) => {
    const [serviceNow, ownNow, fromUsNow] = look();
    const starved = serviceNow.waited - service.waited + (ownNow.waited - own.waited);
    const stoodStill = Math.max(0, ...fromUsNow.map((one, index) => one - (fromUs[index] ?? 0)));
    const ran = serviceNow === UNKNOWN ? ms : serviceNow.ran - service.ran;
    return Math.max(0, Math.min(ran, ms - starved - stoodStill));
  };
}

async function probe(door: Door, method: Parameters<Door['call']>[0], request: JsonObject) {
  const [at, began, blamed] = [Date.now(), performance.now(), blame()];
  const answer = await door.call(method, request).catch((error: unknown) => ({ code: String(error), response: {} }));
  const ms = performance.now() - began;
  waits.push({ door: door.name, method: method.name, code: answer.code, at, ms, blamedMs: blamed(ms) });
  return answer.response as { session?: { id?: string } } | undefined;
}

async function probeOnAndOn(door: Door): Promise<never> {
  for (let round = 0, coach = ''; ; round += 1) {
    if (round % SESSIONS_OF_A_COACH === 0) coach = randomUUID();
    const start = new Date(Date.parse('2040-01-01T00:00:00Z') + round * 3_600_000).toISOString();
    const session = { coach_hash_id: coach, client_hash_id: coach, start, duration: 60 };
    const booked = await probe(door, scheduleSession, { session });
    await probe(door, getSession, { id: booked?.session?.id ?? randomUUID() });
    await probe(door, listSessions, { coach_hash_id: coach, page_size: 20 });
    await pause(INTERVAL);
  }
}

for (const door of doorsOf(data)) void probeOnAndOn(door);
parentPort?.on('message', () => {
  parentPort?.postMessage(waits);
  waits = [];
});
