import type { Logger } from 'pino';
import type { Change, ChangeFilter } from '../../application/change-feed.js';
import type { HeldUp } from '../../application/webhooks.js';
import { coachStream } from '../../domain/coach/coach.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { changesOf } from '../changes-of.js';
import { meets } from '../recent-changes.js';
import type { Attempts } from './attempts.js';
import type { Clock } from './clock.js';
import type { Gate } from './gate.js';
import { behindAt, type Lane, newLane } from './lane.js';
import type { Window } from './window.js';

/** What the lanes of a webhook need. */
export interface LanesParts {
  readonly clock: Clock;
  readonly store: Pick<EventStore, 'read'>;
  readonly log: Logger;
  readonly webhookId: string;
  readonly filter: ChangeFilter;
  readonly gate: Gate;
  readonly window: Window;
  readonly attempts: Pick<Attempts, 'make'>;
  /** How far the feed has told. */
  readonly told: () => Position;
  readonly isStopping: () => boolean;
  /** Something was delivered, or refused. */
  readonly onTurn: () => void;
  /** A lane cannot go on, and with it the run. */
  readonly onFailed: (error: unknown) => void;
  /** Ends all lanes. */
  readonly signal: AbortSignal;
}

/** The lanes of a webhook: one for each coach with changes on their way. They work side by side, each in order. */
export interface Lanes {
  /** Takes a change from the feed. */
  tell(change: Change): void;
  /** Goes on with a coach that is behind since before. */
  resume(behind: HeldUp): void;
  /** Gives a change up, if it holds its coach up. */
  skip(coachHashId: string, changeId: string): void;
  /** The receiver takes changes again: those who wait try at once. */
  tryNow(): void;
  /** The coaches whose place has changed since the last call, and from where on their streams are to be read, if at all. */
  takeChanged(): (readonly [coachHashId: string, behind: HeldUp | undefined])[];
  /** Resolves when no lane works any more. */
  ended(): Promise<unknown>;
}

/** The most changes of a coach that wait in memory. */
const MAX_QUEUE = 32;

/** How many changes of a coach who is behind are delivered before others have their turn. */
const TURN = 100;

/** Milliseconds before a stream that could not be read is read again. */
const READ_PAUSE = 1_000;

/** Lanes with nothing in them. */
export function createLanes(parts: LanesParts): Lanes {
  const { clock, store, log, filter, gate, window, attempts, signal } = parts;
  const lanes = new Map<string, Lane>();
  const working = new Set<Promise<void>>();
  const changed = new Set<string>();

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
      parts.onFailed(err);
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
        parts.onTurn();
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
      log.warn({ webhook: parts.webhookId, err }, 'the stream of a coach cannot be read and will be tried again');
      return setBehind(lane, { ...lane.behind!, nextAttemptAt: clock.now() + READ_PAUSE });
    }
    for (const change of read.slice(0, TURN)) {
      const isSame = lane.behind!.changeId === change.id;
      if (!isSame) setBehind(lane, behindAt(change, clock.now()));
      const refused = await attempts.make(change, lane.behind!.attempts + 1);
      if (refused) return hold(lane, refused);
      setBehind(lane, { ...behindAt(change, clock.now()), revision: change.revision + 1 });
      if (parts.isStopping()) return;
    }
    if (read.length <= TURN && lane.told < lane.behind!.revision) setBehind(lane, undefined);
  }

  /** Changes that come next in the stream of a lane that is behind. */
  async function nextOf({ coachHashId, behind }: Lane): Promise<readonly Change[]> {
    const found: Change[] = [];
    const limit = parts.told();
    for await (const page of store.read(coachStream(coachHashId), BigInt(behind!.revision))) {
      const shown = page.filter(({ position }) => position <= limit);
      found.push(...changesOf(shown).filter((change) => meets(change, filter)));
      if (found.length > TURN || shown.length < page.length) break;
    }
    return found;
  }

  /** From where on the stream of a coach is to be read after a restart: everything before it was delivered. */
  function behindOf(coachHashId: string): HeldUp | undefined {
    const lane = lanes.get(coachHashId);
    const [first] = lane?.queue ?? [];
    return lane?.behind && first ? behindAt(first.change, clock.now()) : lane?.behind;
  }

  signal.addEventListener('abort', () => {
    for (const lane of lanes.values()) lane.wake();
  });

  return {
    tell,
    resume(behind) {
      const lane = laneOf(behind.coachHashId);
      lane.behind = behind;
      start(lane);
    },
    skip(coachHashId, changeId) {
      const lane = lanes.get(coachHashId);
      if (!lane) return;
      lane.skips = changeId;
      lane.wake();
    },
    tryNow() {
      for (const lane of lanes.values()) {
        if (lane.behind) lane.behind = { ...lane.behind, nextAttemptAt: clock.now() };
        lane.wake();
      }
    },
    takeChanged() {
      const coaches = [...changed];
      changed.clear();
      return coaches.map((coach) => [coach, behindOf(coach)] as const);
    },
    ended: () => Promise.all(working),
  };
}
