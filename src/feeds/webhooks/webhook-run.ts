import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { Change, ChangeFeed, ChangeFilter } from '../../application/change-feed.js';
import type { Delivery, HeldUp, PauseReason } from '../../application/webhooks.js';
import { coachStream } from '../../domain/coach/coach.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { createBell, waitAtMost } from '../../waiting.js';
import { changesOf } from '../changes-of.js';
import { type Place, placeOf } from '../place.js';
import { meets } from '../recent-changes.js';
import { createAttempts, type Delivering } from './attempts.js';
import { createGate } from './gate.js';
import { behindAt, type Lane, newLane } from './lane.js';
import { filterOf } from './webhook-filter.js';
import type { WebhookRow } from './webhook-rows.js';
import { createWindow } from './window.js';

/** What the deliveries of one webhook need. */
export interface WebhookRunParts extends Delivering {
  readonly webhook: WebhookRow;
  /** Where to begin (exclusive). */
  readonly after: Position;
  /** The coaches that are behind the beginning. */
  readonly heldUp: readonly HeldUp[];
  readonly failingSince: number | undefined;
  readonly lastError: string | undefined;
  readonly feed: ChangeFeed;
  readonly store: Pick<EventStore, 'read'>;
  readonly log: Logger;
  /** The webhook is to be paused. */
  readonly onPause: (reason: PauseReason, detail: string) => void;
}

/** The deliveries of one webhook, under way. */
export interface WebhookRun {
  /** Uses what has changed in the row, but for the filter and the generation. */
  update(webhook: WebhookRow): void;
  /** Gives a change up, if it holds its coach up. */
  skip(coachHashId: string, changeId: string): void;
  /** What has changed since the last call. All of it is to be saved, or none. */
  takeProgress(): RunProgress;
  /** Begins no further attempt, and ends those under way within `grace` milliseconds. Resolves when all is over. */
  stop(grace: number): Promise<void>;
  /** Rejects when the feed fails, resolves when it has stopped. */
  readonly done: Promise<void>;
  readonly isOver: boolean;
}

/** How far a webhook has come. */
export interface RunProgress {
  /** The last change before which everything was delivered, or is held up; undefined: none in this run. */
  readonly place: Place | undefined;
  /** The feed has told everything up to here, and there is nothing left of it; undefined: there is. */
  readonly idleAt: Position | undefined;
  readonly lastError: string | undefined;
  readonly failingSince: number | undefined;
  readonly heldUp: readonly HeldUp[];
  /** Coaches that are behind no longer. */
  readonly released: readonly string[];
  readonly deliveries: readonly Delivery[];
}

/** How many requests a receiver gets at once. */
const PARALLEL = 8;

/** The most changes that wait in memory, of all coaches and of one. */
const MAX_WINDOW = 500;
const MAX_QUEUE = 32;

/** How many changes of a coach who is behind are delivered before others have their turn. */
const TURN = 100;

/** Milliseconds before a stream that could not be read is read again. */
const READ_PAUSE = 1_000;

/** Begins to deliver. */
export function startWebhookRun(parts: WebhookRunParts): WebhookRun {
  const { clock, feed, store, log } = parts;
  let { webhook } = parts;
  const filter: ChangeFilter = filterOf(webhook);
  const ended = new AbortController();
  const { signal } = ended;
  const gate = createGate(PARALLEL, clock, signal);
  const lanes = new Map<string, Lane>();
  const working = new Set<Promise<void>>();
  const window = createWindow();
  const room = createBell();
  const changed = new Set<string>();
  let dispatched = parts.after;
  let position = () => parts.after;
  let isStopping = false;
  const attempts = createAttempts({
    ...parts,
    webhook: () => webhook,
    gate,
    signal,
    onRecovered: () => {
      for (const lane of lanes.values()) tryNow(lane);
    },
    onPause: (reason, detail) => {
      gate.close();
      parts.onPause(reason, detail);
    },
  });

  function tryNow(lane: Lane): void {
    if (lane.behind) lane.behind = { ...lane.behind, nextAttemptAt: clock.now() };
    lane.wake();
  }

  function setBehind(lane: Lane, behind: HeldUp | undefined): void {
    lane.behind = behind;
    changed.add(lane.coachHashId);
  }

  function laneOf(coachHashId: string): Lane {
    const found = lanes.get(coachHashId);
    if (found) return found;
    const lane = newLane(coachHashId);
    lanes.set(coachHashId, lane);
    return lane;
  }

  /** Takes a change from the feed. */
  function tell(change: Change): void {
    const told = window.add(change);
    const lane = laneOf(change.event.coachHashId);
    if (lane.behind) {
      lane.told = Math.max(lane.told, change.revision);
      window.pass(told);
    } else {
      lane.queue.push(told);
      if (lane.queue.length > MAX_QUEUE) fallBehind(lane, 1);
    }
    dispatched = change.position;
    if (!lane.isServed) start(lane);
  }

  /** Forgets what is queued from an index on, and goes on by the stream from there. */
  function fallBehind(lane: Lane, from: number): void {
    const forgotten = lane.queue.splice(from);
    const [first] = forgotten;
    if (!first) return;
    setBehind(lane, behindAt(first.change, clock.now()));
    lane.told = Math.max(lane.told, forgotten.at(-1)!.change.revision);
    for (const told of forgotten) window.pass(told);
  }

  function start(lane: Lane): void {
    lane.isServed = true;
    const work = serve(lane).catch((err: unknown) => {
      ended.abort(err);
    });
    working.add(work);
    void work.then(() => working.delete(work));
  }

  /** Delivers all that a lane has. */
  async function serve(lane: Lane): Promise<void> {
    while (lane.queue.length > 0 || lane.behind) {
      if (lane.queue.length === 0 && !(await isDue(lane))) continue;
      if (!(await gate.enter())) return;
      try {
        if (lane.queue.length > 0) await deliverQueued(lane);
        else await catchUp(lane);
      } finally {
        gate.leave();
        room.ring();
      }
    }
    lane.isServed = false;
    lanes.delete(lane.coachHashId);
  }

  async function deliverQueued(lane: Lane): Promise<void> {
    const { change } = lane.queue[0]!;
    const refused = await attempts.make(change, 1);
    if (!refused) {
      window.pass(lane.queue.shift()!);
      if (lane.behind) changed.add(lane.coachHashId);
      return;
    }
    fallBehind(lane, 0);
    hold(lane, refused);
  }

  /** Keeps in mind that the change which is next was refused. */
  function hold(lane: Lane, { error, pause }: { readonly error: string; readonly pause: number }): void {
    const { behind } = lane;
    if (!behind) return;
    const since = behind.attempts === 0 ? clock.now() : behind.since;
    const nextAttemptAt = clock.now() + pause;
    setBehind(lane, { ...behind, attempts: behind.attempts + 1, since, nextAttemptAt, lastError: error });
  }

  /** Waits until the lane may go on, or something has changed. Answers whether it may. */
  async function isDue(lane: Lane): Promise<boolean> {
    const { behind } = lane;
    signal.throwIfAborted();
    if (!behind) return false;
    if (lane.skips === behind.changeId) {
      lane.skips = undefined;
      const next = { revision: behind.revision + 1, changeId: behind.changeId };
      setBehind(lane, { ...behind, ...next, attempts: 0, nextAttemptAt: clock.now(), lastError: '' });
      return false;
    }
    const pause = behind.nextAttemptAt - clock.now();
    if (pause <= 0) return true;
    const woken = new AbortController();
    lane.wake = () => woken.abort();
    await clock.wait(pause, woken.signal);
    return false;
  }

  /** Delivers what the coach's stream has next, as far as the feed has come. */
  async function catchUp(lane: Lane): Promise<void> {
    let read: readonly Change[];
    try {
      read = await nextOf(lane);
    } catch (err) {
      signal.throwIfAborted();
      log.warn({ err }, 'the stream of a coach cannot be read and will be tried again');
      return setBehind(lane, { ...lane.behind!, nextAttemptAt: clock.now() + READ_PAUSE });
    }
    for (const change of read.slice(0, TURN)) {
      const isSame = lane.behind!.changeId === change.id;
      if (!isSame) setBehind(lane, behindAt(change, clock.now()));
      const refused = await attempts.make(change, lane.behind!.attempts + 1);
      if (refused) return hold(lane, refused);
      setBehind(lane, { ...behindAt(change, clock.now()), revision: change.revision + 1 });
      if (isStopping) return;
    }
    if (read.length <= TURN && lane.told < lane.behind!.revision) setBehind(lane, undefined);
  }

  /** Changes that come next in the stream of a lane that is behind. */
  async function nextOf({ coachHashId, behind }: Lane): Promise<readonly Change[]> {
    const found: Change[] = [];
    const limit = dispatched;
    for await (const page of store.read(coachStream(coachHashId), BigInt(behind!.revision))) {
      const shown = page.filter(({ position }) => position <= limit);
      found.push(...changesOf(shown).filter((change) => meets(change, filter)));
      if (found.length > TURN || shown.length < page.length) break;
    }
    return found;
  }

  async function follow(): Promise<void> {
    const follower = await feed.follow({ after: parts.after, filter, signal });
    position = () => follower.position;
    for (;;) {
      const arrival = await follower.next();
      for (const change of arrival?.changes ?? []) {
        while (window.size >= MAX_WINDOW) {
          await room.wait(undefined, signal);
          signal.throwIfAborted();
        }
        tell(change);
      }
      if (arrival) dispatched = arrival.position;
    }
  }

  setMaxListeners(0, signal);
  signal.addEventListener('abort', () => {
    for (const lane of lanes.values()) lane.wake();
  });
  for (const behind of parts.heldUp) {
    const lane = laneOf(behind.coachHashId);
    lane.behind = behind;
    start(lane);
  }
  const done = follow()
    .catch((err: unknown) => ended.abort(err))
    .then(() => Promise.all(working))
    .then(() => {
      if (!isStopping) throw signal.reason;
    });
  // Whoever stops the run waits for it, maybe after it has failed.
  done.catch(() => {});

  /** From where on the stream of a coach is to be read after a restart: everything before it was delivered. */
  function behindOf(coachHashId: string): HeldUp | undefined {
    const lane = lanes.get(coachHashId);
    const [first] = lane?.queue ?? [];
    return lane?.behind && first ? behindAt(first.change, clock.now()) : lane?.behind;
  }

  return {
    done,
    get isOver() {
      return signal.aborted;
    },
    update: (row) => {
      webhook = row;
    },
    skip(coachHashId, changeId) {
      const lane = lanes.get(coachHashId);
      if (!lane) return;
      lane.skips = changeId;
      lane.wake();
    },
    takeProgress() {
      const coaches = [...changed];
      changed.clear();
      const behind = coaches.map((coach) => [coach, behindOf(coach)] as const);
      return {
        place: window.reached && placeOf(window.reached),
        idleAt: window.size === 0 ? position() : undefined,
        lastError: attempts.lastError,
        failingSince: attempts.failingSince,
        heldUp: behind.flatMap(([, one]) => one ?? []),
        released: behind.filter(([, one]) => !one).map(([coach]) => coach),
        deliveries: attempts.takeLog(),
      };
    },
    async stop(grace) {
      isStopping = true;
      gate.close();
      await waitAtMost(grace, gate.empty());
      ended.abort(new Error('the deliveries stop'));
      await done.catch(() => {});
    },
  };
}
