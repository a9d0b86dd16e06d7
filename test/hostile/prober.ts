import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { JsonObject } from '@bufbuild/protobuf';
import { pause } from '../../src/waiting.js';
import { type Door, doorsOf, getSession, listSessions, scheduleSession } from '../support/doors.js';

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
   * Milliseconds of processor time that the service's main thread used meanwhile: a wait that is the machine's fault, or
   * the database's, has few. 0 where the system does not say.
   */
  readonly serviceMs: number;
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

/** The processor time of the service's main thread so far, in milliseconds. */
function serviceSoFar(): number {
  try {
    const { servicePid: pid } = data;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return 0;
  }
}

async function probe(door: Door, method: Parameters<Door['call']>[0], request: JsonObject) {
  const [at, began, serviceBefore] = [Date.now(), performance.now(), serviceSoFar()];
  const answer = await door.call(method, request).catch((error: unknown) => ({ code: String(error), response: {} }));
  const ms = performance.now() - began;
  const serviceMs = serviceSoFar() - serviceBefore;
  waits.push({ door: door.name, method: method.name, code: answer.code, at, ms, serviceMs });
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
