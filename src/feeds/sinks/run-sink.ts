import type { Logger } from 'pino';
import type { ChangeFeed, Follower } from '../../application/change-feed.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import type { ExclusiveConnection } from '../../postgres/exclusive-connection.js';
import { holdLease } from '../../postgres/lease.js';
import { createBackoff, jittered, linkedSignal, pauseQuietly } from '../../waiting.js';
import { type Place, placeOf, positionOf } from '../place.js';
import { readCursor, saveCursor, saveError } from './cursors.js';
import type { OpenSink, Sink } from './sink.js';

/** What a sink needs to be filled. */
export interface RunSinkParts {
  readonly feed: ChangeFeed;
  readonly store: Pick<EventStore, 'read'>;
  /** The database that has the schema `feeds`. */
  readonly url: string;
  readonly log: Logger;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** Milliseconds between two signs of life, and between two times that the cursor is saved. */
const BEAT_INTERVAL = 1_000;
const SAVE_INTERVAL = 1_000;

/**
 * Milliseconds between two deliveries, unless many changes wait: what comes meanwhile goes together, so that a booking
 * under load pays for a part of a delivery. The first change after a rest does not wait.
 */
const DELIVERY_INTERVAL = 25;
const MANY = 250;

/** Milliseconds that a statement may take. */
const QUERY_TIMEOUT = 10_000;

/** Milliseconds before a failed sink is opened again: the first pause, and the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

/** The most characters of an error that are kept. */
const MAX_ERROR = 1_000;

/** The name of the lease of the process that fills a sink. */
export function leaseOf(feed: string): string {
  return `feed ${feed}`;
}

/**
 * Fills a sink until the signal aborts; never rejects. Of all processes that run it, one writes, and another takes over
 * within 5 seconds. Each change is written at least once, those of a coach in order; what a sink makes of a change that
 * it has already is its own. A sink that fails is opened again, for ever, and bookings do not wait for it.
 */
export async function runSink(sink: Sink, parts: RunSinkParts): Promise<void> {
  const { feed, store, url, signal } = parts;
  const log = parts.log.child({ feed: sink.name });
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  const name = leaseOf(sink.name);
  const lease = { url, name, applicationName: name, queryTimeout: QUERY_TIMEOUT };
  while (!signal.aborted) {
    try {
      await holdLease({ ...lease, signal }, run);
    } catch (err) {
      if (signal.aborted) return;
      if (backoff.atStart) log.warn({ err }, 'the lease of the feed was lost and will be taken again');
      await pauseQuietly(jittered(backoff.next()), signal);
    }
  }

  /** Holds the lease as long as it lasts, whatever becomes of the sink meanwhile. */
  async function run(connection: ExclusiveConnection): Promise<void> {
    const beating = setInterval(() => void connection.beat().catch(() => {}), BEAT_INTERVAL);
    try {
      for (;;) {
        const failure = await fill(connection).catch((err) => err);
        connection.lost.throwIfAborted();
        if (backoff.atStart) log.warn({ err: failure }, 'the feed stopped and will be tried again');
        await saveError(connection.client, sink.name, textOf(failure));
        await pauseQuietly(jittered(backoff.next()), connection.lost);
      }
    } finally {
      clearInterval(beating);
    }
  }

  /** Fills the sink until something fails. */
  async function fill({ client, lost }: ExclusiveConnection): Promise<never> {
    const saved = (await readCursor(client, sink.name))?.place;
    const open = await sink.open({ saved, positionOf: (place) => positionOf(place, store), log, signal: lost });
    const until = linkedSignal(lost, open.lost);
    try {
      const { after } = open;
      const follower = await feed.follow({ after, filter: {}, signal: until.signal });
      if (backoff.atStart) log.info({ position: after }, 'the feed is running');
      return await deliverAll(follower, open, client);
    } finally {
      until.end();
      await open.close();
    }
  }

  async function deliverAll(follower: Follower, open: OpenSink, client: ExclusiveConnection['client']): Promise<never> {
    let place: Place | undefined;
    let saved: Position | undefined;
    let savedAt = Number.NEGATIVE_INFINITY;
    for (;;) {
      const arrival = await follower.next(SAVE_INTERVAL);
      if (arrival) {
        const begun = performance.now();
        await open.deliver(arrival.changes);
        place = placeOf(arrival.changes.at(-1)!);
        const rest = begun + DELIVERY_INTERVAL - performance.now();
        if (rest > 0 && arrival.changes.length < MANY) await pauseQuietly(rest, open.lost);
      }
      const position = follower.position();
      if (position !== saved && performance.now() >= savedAt + SAVE_INTERVAL) {
        await saveCursor(client, sink.name, place, position);
        if (!backoff.atStart) log.info({ position }, 'the feed is running again');
        backoff.reset();
        saved = position;
        savedAt = performance.now();
      }
    }
  }
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR);
}
