import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { type ChangeFeed, FeedEnded } from '../application/change-feed.js';
import { ReadModelUnavailable } from '../application/read-model.js';
import type { EventStore, Position } from '../event-store/event-store.js';
import { createBackoff, createDeferred, pauseQuietly, within } from '../waiting.js';
import { COACHES, startCatchUp } from './catch-up.js';
import { changesOf } from './changes-of.js';
import { createFollower, type FollowerLimits, type Source } from './follower.js';
import { createRecentChanges, type RecentChanges } from './recent-changes.js';

/** How far reads have come: a feed never shows what a read could not. */
export interface Shown {
  /** The position up to which reads show everything. Throws `ReadModelUnavailable`. */
  position(): Promise<Position>;
  /** Resolves when reads show everything up to the position. Rejects with the reason of the signal. */
  reached(position: Position, signal: AbortSignal): Promise<void>;
}

/** What a feed needs. */
export interface ChangeFeedParts {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly shown: Shown;
  readonly log: Logger;
  /** Ends the feed. */
  readonly signal: AbortSignal;
  readonly limits?: FeedLimits;
}

/** How much the feed keeps, and what it does for a reader. */
export interface FeedLimits extends FollowerLimits {
  /** How much is kept for those who have been away for a moment, by the weight of changes: a quarter more at most. */
  readonly kept: number;
}

const LIMITS: FeedLimits = { kept: 4_096, queue: 1_000, arrival: 100, pause: 30_000 };

/** How many followers read the log at once, to come up with the others: what they have read is parsed without a pause. */
const READERS = 2;

/** Milliseconds that the first followers wait for the feed to begin. */
const START_LIMIT = 5_000;

/** Milliseconds before a failed reading of the log starts again: the first pause, and the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/** A feed that begins to read the log with its first follower. */
export function createChangeFeed({ store, shown, log, signal, limits = LIMITS }: ChangeFeedParts): ChangeFeed {
  const limit = pLimit(READERS);
  const backoff = createBackoff(FIRST_PAUSE, LONGEST_PAUSE);
  const ended = new AbortController();
  const atEnd = new Set<() => void>();
  const begun = createDeferred<Source>();
  // Maybe nobody waits for it when the feed ends.
  begun.promise.catch(() => {});
  let isRunning = false;
  signal.addEventListener(
    'abort',
    () => {
      ended.abort(new FeedEnded('the service is stopping'));
      begun.reject(ended.signal.reason);
      for (const end of [...atEnd]) end();
    },
    { once: true },
  );

  /** Reads the log for all followers until the feed ends. Never rejects. */
  async function run(): Promise<void> {
    let recent: RecentChanges | undefined;
    while (!signal.aborted) {
      try {
        recent ??= createRecentChanges(await shown.position(), limits.kept);
        begun.resolve({
          recent,
          catchUp: (after, filter, until) => startCatchUp(store, after, filter, limit, until),
          ended: ended.signal,
          atEnd,
        });
        await read(recent);
      } catch (err) {
        if (signal.aborted) return;
        if (backoff.atStart) log.warn({ err }, 'the feed of changes stopped and will be tried again');
        await pauseQuietly(backoff.next(), signal);
      }
    }
  }

  async function read(recent: RecentChanges): Promise<void> {
    for await (const { events, position } of store.subscribe(recent.newest, COACHES, signal)) {
      const last = events.at(-1);
      if (last) await shown.reached(last.position, signal);
      recent.add(changesOf(events), position);
      backoff.reset();
    }
  }

  async function begin(until: AbortSignal): Promise<Source> {
    if (!isRunning) void run();
    isRunning = true;
    until.throwIfAborted();
    ended.signal.throwIfAborted();
    const limit = { ms: START_LIMIT, error: () => new ReadModelUnavailable('the feed of changes has not begun') };
    return within(begun.promise, { limit, signal: until });
  }

  return {
    position: async (until) => (await begin(until)).recent.newest,

    async follow(parts) {
      const source = await begin(parts.signal);
      parts.signal.throwIfAborted();
      return createFollower(source, parts, limits);
    },
  };
}
