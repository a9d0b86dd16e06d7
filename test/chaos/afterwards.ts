import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { type RecordedEvent, START } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';

/** The whole log, in order. */
export async function readLog(eventStoreUrl: string): Promise<RecordedEvent[]> {
  const store = await openEventStore(eventStoreUrl, pino({ level: 'silent' }));
  const reading = new AbortController();
  const log: RecordedEvent[] = [];
  try {
    const head = await store.head();
    const streams = { prefixes: ['coach-', 'client-'] };
    for await (const { events, position } of store.subscribe(START, streams, reading.signal)) {
      log.push(...events);
      if (position >= head) return log;
    }
    return log;
  } finally {
    reading.abort();
    await store.close();
  }
}

/** Time of a client. */
export interface ClientTime {
  readonly client: string;
  readonly start: string;
  readonly duration: number;
}

/** What is reserved of clients' time. */
export interface Reservations {
  /** What sessions, and holds whose time has not run out, use. */
  readonly used: readonly ClientTime[];
  /** What nothing uses: calls that never ended have left it. */
  readonly left: readonly ClientTime[];
}

const FREES = new Set(['SessionCancelled', 'HoldReleased', 'HoldExpired']);

/** The reservations at the end of a log. @param now in epoch milliseconds */
export function reservationsIn(log: readonly RecordedEvent[], now: number): Reservations {
  const standing = new Map<string, ClientTime>();
  /** By the session or hold. */
  const uses = new Map<string, string>();
  for (const { type, data, stream } of log) {
    const name = type.slice(type.lastIndexOf('.') + 1);
    const {
      reservationId = '',
      clientHashId: client = '',
      start = '',
      sessionId,
      holdId,
    } = data as Record<string, string>;
    const user = sessionId ?? holdId ?? '';
    if (name === 'TimeReserved') standing.set(reservationId, { client, start, duration: data['duration'] as number });
    else if (name === 'TimeReleased') standing.delete(reservationId);
    else if (FREES.has(name) || (name === 'SlotHeld' && Date.parse(data['expiresAt'] as string) <= now))
      uses.delete(user);
    else if (stream.startsWith('coach-') && user !== '') uses.set(user, reservationId);
  }
  const inUse = new Set(uses.values());
  const all = [...standing];
  return {
    used: all.filter(([id]) => inUse.has(id)).map(([, time]) => time),
    left: all.filter(([id]) => !inUse.has(id)).map(([, time]) => time),
  };
}

/** Whether two times of clients are of the same one, and overlap. */
export function isInTheWay(one: ClientTime, other: ClientTime): boolean {
  return one.client === other.client && startOf(one) < endOf(other) && startOf(other) < endOf(one);
}

function startOf({ start }: ClientTime): number {
  return Date.parse(start);
}

function endOf(time: ClientTime): number {
  return startOf(time) + time.duration * 60_000;
}

/** What the command `verify` says, and its exit code. */
export interface Verdict {
  readonly code: number;
  readonly output: string;
}

/** Runs `npx scheduler verify` on the databases that the settings name. */
export function verify(settings: Readonly<Record<string, string>>): Promise<Verdict> {
  const cli = fileURLToPath(new URL('../../src/cli.js', import.meta.url));
  const env = { PATH: process.env['PATH'], LOG_LEVEL: 'warn', LOG_FORMAT: 'json', ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'verify'], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: (stdout + stderr).trim() });
    });
  });
}
