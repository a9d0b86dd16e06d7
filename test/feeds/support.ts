import pino from 'pino';
import type { Change, ChangeFilter, Follower } from '../../src/application/change-feed.js';
import type { EventStore, Position } from '../../src/event-store/event-store.js';
import { createChangeFeed, type FeedLimits, type Shown } from '../../src/feeds/change-feed.js';
import { createBell } from '../../src/waiting.js';

/** How far reads have come, as a test says it. */
export interface Screen extends Shown {
  readonly now: Position;
  show(position: Position): void;
}

/** A read model that has shown nothing yet. */
export function createScreen(): Screen {
  const bell = createBell();
  let now = 0n;
  return {
    get now() {
      return now;
    },
    show(position) {
      if (position > now) now = position;
      bell.ring();
    },
    position: async () => now,
    async reached(position, signal) {
      while (position > now && !signal.aborted) await bell.wait(undefined, signal);
      signal.throwIfAborted();
    },
  };
}

/** A read model that shows everything at once. */
export const ALL_SHOWN: Shown = { position: async () => 0n, reached: async () => {} };

/** Small enough for a test to reach them with a few changes. */
export const SMALL: FeedLimits = { kept: 3, queue: 4, arrival: 2, pause: 60_000 };

/** A feed that ends with the test. */
export function feedOf(
  store: Pick<EventStore, 'subscribe'>,
  signal: AbortSignal,
  { shown = ALL_SHOWN, limits = SMALL }: { shown?: Shown; limits?: FeedLimits } = {},
) {
  return createChangeFeed({ store, shown, signal, limits, log: pino({ level: 'silent' }) });
}

/** What a follower has got, in order. */
export interface Told {
  readonly changes: Change[];
  readonly follower: Follower;
  /** Why the follower ended; undefined while it goes on. */
  error: unknown;
}

/** Takes everything that comes for a follower. @param rest what the reader does between two arrivals */
export function readAll(
  follower: Follower,
  onArrival: (changes: readonly Change[], position: Position) => void = () => {},
  rest: () => Promise<void> = async () => {},
): Told {
  const told: Told = { changes: [], follower, error: undefined };
  const run = async () => {
    for (;;) {
      const arrival = await follower.next();
      if (!arrival) throw new Error('nothing came, however long the wait');
      onArrival(arrival.changes, arrival.position);
      told.changes.push(...arrival.changes);
      await rest();
    }
  };
  run().catch((error) => {
    told.error = error;
  });
  return told;
}

/** A filter for everything. */
export const EVERYTHING: ChangeFilter = {};
