import type { Arrival, Change, Follower, FollowerParts } from '../application/change-feed.js';
import type { Position } from '../event-store/event-store.js';
import { createBell } from '../waiting.js';
import type { CatchUp } from './catch-up.js';
import { changesOf } from './changes-of.js';
import { type Listener, meets, type RecentChanges } from './recent-changes.js';

/** Where a follower gets changes from. */
export interface Source {
  readonly recent: RecentChanges;
  /** Reads what came before the recent changes. */
  readonly catchUp: (after: Position, signal: AbortSignal) => CatchUp;
  /** Aborts when the feed ends. */
  readonly ended: AbortSignal;
}

/** The most changes that wait for a reader. */
const MAX_QUEUE = 1_000;

/** The most changes that a reader gets at a time. */
const MAX_ARRIVAL = 500;

/** Milliseconds for which a reader that is catching up may keep the reading of the log open with what it has. */
const MAX_PAUSE = 30_000;

/** Begins to follow a source. */
export function createFollower(source: Source, parts: FollowerParts): Follower {
  const { recent, ended } = source;
  const { filter, signal, onTooSlow } = parts;
  const bell = createBell();
  let queue: Change[] = [];
  let position = parts.after;
  let catchUp: CatchUp | undefined;
  let isLive = false;
  let isTooSlow = false;
  let pausing: NodeJS.Timeout | undefined;

  const listener: Listener = {
    filter,
    tell(change) {
      if (queue.length < MAX_QUEUE) queue.push(change);
      else fallBehind();
    },
    reached: bell.ring,
  };

  /** What waits stays, for `next` to answer; what comes after it is for the log to tell. */
  function fallBehind(): void {
    leave();
    if (onTooSlow) beTooSlow();
  }

  function beTooSlow(): void {
    isTooSlow = true;
    end();
    onTooSlow?.(position);
  }

  function goLive(): void {
    catchUp?.stop();
    catchUp = undefined;
    for (const change of recent.after(position)) if (meets(change, filter)) queue.push(change);
    isLive = true;
    recent.listen(listener);
  }

  function leave(): void {
    isLive = false;
    recent.unlisten(listener);
  }

  function end(): void {
    leave();
    catchUp?.stop();
    clearTimeout(pausing);
    queue = [];
    signal.removeEventListener('abort', end);
    ended.removeEventListener('abort', end);
    bell.ring();
  }

  function take(): Arrival {
    const changes = queue.splice(0, MAX_ARRIVAL);
    position = queue.length === 0 && isLive ? recent.newest : changes.at(-1)!.position;
    return { changes, position };
  }

  /** What the log has next, up to the newest change that a read shows. */
  async function readOn(): Promise<Arrival> {
    catchUp ??= source.catchUp(position, signal);
    const page = await catchUp.next();
    const { newest } = recent;
    if (page.position <= newest) position = page.position;
    else position = newest;
    const shown = page.events.filter((event) => event.position <= newest);
    const arrival = { changes: changesOf(shown).filter((change) => meets(change, filter)), position };
    // At once: what this page had beyond the newest change would be missed later.
    if (position >= recent.oldest) goLive();
    return arrival;
  }

  function throwIfOver(): void {
    signal.throwIfAborted();
    ended.throwIfAborted();
    if (isTooSlow) throw new Error('the reader was too slow');
  }

  signal.addEventListener('abort', end, { once: true });
  ended.addEventListener('abort', end, { once: true });
  if (position >= recent.oldest) goLive();

  return {
    get position() {
      return isLive && queue.length === 0 ? recent.newest : position;
    },

    async next(patience) {
      clearTimeout(pausing);
      throwIfOver();
      while (queue.length === 0 && !isLive) {
        const arrival = await readOn();
        throwIfOver();
        if (arrival.changes.length === 0) continue;
        if (onTooSlow && !isLive) pausing = setTimeout(beTooSlow, MAX_PAUSE).unref();
        return arrival;
      }
      if (queue.length === 0) await bell.wait(patience);
      throwIfOver();
      return queue.length > 0 ? take() : undefined;
    },
  };
}
