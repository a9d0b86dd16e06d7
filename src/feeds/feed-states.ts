import type { EventStore, Position } from '../event-store/event-store.js';
import { heldLocks } from '../postgres/exclusive-connection.js';
import { COACHES } from './catch-up.js';
import { type Cursor, type Queryable, readCursors } from './sinks/cursors.js';
import { leaseOf } from './sinks/run-sink.js';
import { besideCursors } from './webhooks/progress.js';
import { WEBHOOKS_LEASE } from './webhooks/run-webhooks.js';

/** How a feed does. */
export interface FeedState {
  /** `redis`, `kafka`, or the id of a webhook. */
  readonly feed: string;
  /**
   * `running`: a process of the service delivers. `failing`: one tries to. `stopped`: none does. `paused`: a webhook that
   * an admin has to resume. `new`: none ever did. `off`: a sink that the settings do not name any more.
   */
  readonly state: 'running' | 'failing' | 'stopped' | 'paused' | 'new' | 'off';
  /** The place of the last change that was delivered, in the log that it was in. */
  readonly position: Position | undefined;
  readonly lag: Lag;
  readonly lastError: string | undefined;
  readonly failingSince: Date | undefined;
  /** When it delivered last, or found that there was nothing to deliver. */
  readonly movedAt: Date | undefined;
}

/** What a feed has yet to deliver. */
export interface Lag {
  /** How far the log is ahead, in positions: at least as many as there are changes, without those that are held up. */
  readonly positions: bigint;
  /** How long the oldest of them has waited, in milliseconds by the clock of this machine. */
  readonly ms: number;
}

const NO_LAG: Lag = { positions: 0n, ms: 0 };

/**
 * The states of all feeds, by name. Throws `StoreUnavailable`, and what the database throws.
 * @param configured the feeds that the settings name, which may never have run
 */
export async function feedStates(
  database: Queryable,
  store: Pick<EventStore, 'head' | 'subscribe'>,
  configured: readonly string[],
): Promise<FeedState[]> {
  const cursors = await readCursors(database);
  const webhooks = await besideCursors(database);
  const feeds = [...new Set([...cursors.keys(), ...webhooks.keys(), ...configured])].toSorted();
  const held = await heldLocks(database, feeds.map(leaseName));
  // After the cursors: no feed is ahead of a head that is read later.
  const head = await store.head();
  return Promise.all(
    feeds.map(async (feed) => {
      const webhook = webhooks.get(feed);
      const cursor = cursors.get(feed);
      const lag = await lagAfter(cursor?.reached ?? webhook?.startAfter ?? 0n, head, store);
      const state = stateOf(feed, cursor, held.has(leaseName(feed)), withHeldUp(lag, webhook?.heldUpSince));
      if (webhook?.isPaused) return { ...state, state: 'paused' };
      const isOff = state.state === 'stopped' && SINK.test(feed) && !configured.includes(feed);
      return isOff ? { ...state, state: 'off' } : state;
    }),
  );
}

/** One process delivers to all webhooks, whose names are their ids. */
function leaseName(feed: string): string {
  return SINK.test(feed) ? leaseOf(feed) : WEBHOOKS_LEASE;
}

const SINK = /^[a-z]+$/;

function stateOf(feed: string, cursor: Cursor | undefined, isHeld: boolean, lag: Lag): FeedState {
  const { place, lastError, failingSince, movedAt } = cursor ?? {};
  const at = lastError === undefined ? 'running' : 'failing';
  return {
    feed,
    state: isHeld ? at : cursor ? 'stopped' : 'new',
    position: place?.position,
    lag,
    lastError,
    failingSince,
    movedAt,
  };
}

/** The cursor has passed the changes of coaches who are held up. They wait, and nobody knows how many there are. */
function withHeldUp({ positions, ms }: Lag, since: Date | undefined): Lag {
  return { positions, ms: since ? Math.max(ms, Date.now() - since.getTime()) : ms };
}

/** What feeds tell comes from the streams of coaches: as long as nothing follows in those, nothing waits. */
async function lagAfter(reached: Position, head: Position, store: Pick<EventStore, 'subscribe'>): Promise<Lag> {
  if (reached >= head) return NO_LAG;
  const enough = new AbortController();
  try {
    for await (const { events, position } of store.subscribe(reached, COACHES, enough.signal, 'in turns')) {
      const [oldest] = events;
      if (oldest) return { positions: head - reached, ms: Math.max(0, Date.now() - oldest.recordedAt) };
      if (position >= head) break;
    }
    return NO_LAG;
  } finally {
    enough.abort();
  }
}
