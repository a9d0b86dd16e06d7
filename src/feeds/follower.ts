import type { Arrival, Change, ChangeFilter, Follower, FollowerParts } from '../application/change-feed.js';
import type { Position } from '../event-store/event-store.js';
import { createBell, within } from '../waiting.js';
import type { CatchUp } from './catch-up.js';
import { changesOf } from './changes-of.js';
import { type Listener, meets, type RecentChanges, weightOf } from './recent-changes.js';

/** Where a follower gets changes from. */
export interface Source {
  readonly recent: RecentChanges;
  /** Reads what came before the recent changes. */
  readonly catchUp: (after: Position, filter: ChangeFilter, signal: AbortSignal) => CatchUp;
  /** Aborts when the feed ends. */
  readonly ended: AbortSignal;
  /** Are called when the feed ends: a signal takes long to lose one listener of thousands. */
  readonly atEnd: Set<() => void>;
}

/** How much a follower does for its reader. */
export interface FollowerLimits {
  /** How much waits for a reader who is live, by the weight of changes. */
  readonly queue: number;
  /** The most changes that a reader gets at a time. */
  readonly arrival: number;
  /** Milliseconds that a reader who can be too slow has for what it got. */
  readonly pause: number;
}

/**
 * Begins to follow a source. A follower who is behind reads the log; one who has come up to the recent changes listens to
 * them, and gets each as it comes.
 */
export function createFollower(source: Source, parts: FollowerParts, limits: FollowerLimits): Follower {
  const { recent, ended, atEnd } = source;
  const { filter, signal, onTooSlow } = parts;
  const bell = createBell();
  /** What is to be told next. */
  let queue: Change[] = [];
  /** Of what came live; what was read from the log came because the reader asked. */
  let waiting = 0;
  /** Everything up to here was told. */
  let told = parts.after;
  /** Everything up to here was told or is in the queue, and up to the newest change while the follower is live. */
  let known = parts.after;
  let isLive = false;
  let isTooSlow = false;
  let catchUp: CatchUp | undefined;
  let reading: Promise<void> | undefined;
  let pausing: NodeJS.Timeout | undefined;

  const listener: Listener = {
    filter,
    tell(change) {
      // A reader who comes from a process that is further has had it.
      if (change.position <= known) return;
      if (waiting >= limits.queue) return fallBehind();
      queue.push(change);
      waiting += weightOf(change);
    },
    reached: bell.ring,
  };

  /** What waits stays, to be told; what comes after it is for the log to tell. */
  function fallBehind(): void {
    if (!isLive) return;
    if (onTooSlow) beTooSlow();
    else leave(queue.at(-1)!.position);
  }

  function beTooSlow(): void {
    isTooSlow = true;
    end();
    onTooSlow?.();
  }

  function goLive(): void {
    catchUp?.stop();
    catchUp = undefined;
    for (const change of recent.after(known)) if (meets(change, filter)) queue.push(change);
    isLive = true;
    recent.listen(listener);
  }

  function leave(upTo: Position): void {
    known = upTo;
    isLive = false;
    recent.unlisten(listener);
  }

  function end(): void {
    leave(upTo());
    catchUp?.stop();
    clearTimeout(pausing);
    queue = [];
    signal.removeEventListener('abort', end);
    atEnd.delete(end);
    bell.ring();
  }

  /** Everything up to here was told. */
  function upTo(): Position {
    if (queue.length > 0) return told;
    return isLive ? later(known, recent.newest) : known;
  }

  function take(): Arrival {
    const changes = queue.splice(0, limits.arrival);
    told = changes.at(-1)!.position;
    for (const change of changes) waiting = Math.max(0, waiting - weightOf(change));
    return { changes, position: upTo() };
  }

  /** Puts into the queue what the log has next, up to the newest change that a read shows. */
  async function readOn(): Promise<void> {
    catchUp ??= source.catchUp(known, filter, signal);
    const page = await catchUp.next();
    if (isOver()) return;
    const { newest } = recent;
    known = later(known, earlier(page.position, newest));
    const shown = page.events.filter((event) => event.position <= newest);
    for (const change of changesOf(shown)) if (meets(change, filter)) queue.push(change);
    // At once: what this page had beyond the newest change would be missed later.
    if (known >= recent.oldest) goLive();
  }

  /** Waits until there is something in the queue, as long as the patience lasts. */
  async function wait(patience: number): Promise<void> {
    if (isLive) return bell.wait(patience === Number.POSITIVE_INFINITY ? undefined : patience);
    if (!reading) {
      reading = readOn().finally(() => {
        reading = undefined;
      });
      // The reader may be gone before the page has come.
      reading.catch(() => {});
    }
    await inTime(reading, patience);
  }

  /** Gives the reader time until it comes back. */
  function handOver(arrival: Arrival | undefined): Arrival | undefined {
    if (onTooSlow) pausing = setTimeout(beTooSlow, limits.pause).unref();
    return arrival;
  }

  function isOver(): boolean {
    return isTooSlow || signal.aborted || ended.aborted;
  }

  function throwIfOver(): void {
    signal.throwIfAborted();
    ended.throwIfAborted();
    if (isTooSlow) throw new Error('the reader was too slow');
  }

  throwIfOver();
  signal.addEventListener('abort', end, { once: true });
  atEnd.add(end);
  if (known >= recent.oldest) goLive();
  handOver(undefined);

  return {
    position: upTo,

    async next(patience = Number.POSITIVE_INFINITY) {
      clearTimeout(pausing);
      const until = performance.now() + patience;
      for (;;) {
        throwIfOver();
        if (queue.length > 0) return handOver(take());
        const left = until - performance.now();
        if (left <= 0) return handOver(undefined);
        await wait(left);
      }
    },
  };
}

function earlier(one: Position, other: Position): Position {
  return one < other ? one : other;
}

function later(one: Position, other: Position): Position {
  return one > other ? one : other;
}

/** Waits for a promise, but not longer than `ms`. Rejects as the promise does. */
async function inTime(promise: Promise<void>, ms: number): Promise<void> {
  if (ms === Number.POSITIVE_INFINITY) return promise;
  const late = Symbol();
  await within(promise, { limit: { ms, error: () => late } }).catch((error) => {
    if (error !== late) throw error;
  });
}
