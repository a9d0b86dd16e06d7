import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { ChangeFeed, ChangeFilter } from '../../application/change-feed.js';
import type { Delivery, HeldUp, PauseReason } from '../../application/webhooks.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { createBell, waitAtMost } from '../../waiting.js';
import { type Place, placeOf } from '../place.js';
import { createAttempts, type Delivering } from './attempts.js';
import { createGate } from './gate.js';
import { createLanes } from './lanes.js';
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
  isOver(): boolean;
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

/** The most changes that wait in memory. */
const MAX_WINDOW = 500;

/** Begins to deliver. */
export function startWebhookRun(parts: WebhookRunParts): WebhookRun {
  const { clock, feed, store, log, after, onPause } = parts;
  let { webhook } = parts;
  const filter: ChangeFilter = filterOf(webhook);
  const ended = new AbortController();
  const { signal } = ended;
  const gate = createGate(PARALLEL, clock, signal);
  const window = createWindow();
  const room = createBell();
  let dispatched = after;
  let position = () => after;
  let isStopping = false;
  const attempts = createAttempts({
    ...parts,
    webhook: () => webhook,
    gate,
    signal,
    onRecovered: () => lanes.tryNow(),
    onPause: (reason, detail) => {
      gate.close();
      onPause(reason, detail);
    },
  });
  const lanes = createLanes({
    clock,
    store,
    log,
    webhookId: webhook.id,
    filter,
    gate,
    window,
    attempts,
    told: () => dispatched,
    isStopping: () => isStopping,
    onTurn: () => room.ring(),
    onFailed: (err) => ended.abort(err),
    signal,
  });

  async function follow(): Promise<void> {
    const follower = await feed.follow({ after, filter, signal });
    position = follower.position;
    for (;;) {
      const arrival = await follower.next();
      for (const change of arrival?.changes ?? []) {
        while (window.size() >= MAX_WINDOW) {
          await room.wait(undefined, signal);
          signal.throwIfAborted();
        }
        dispatched = change.position;
        lanes.tell(change);
      }
      if (arrival) dispatched = arrival.position;
    }
  }

  setMaxListeners(0, signal);
  for (const behind of parts.heldUp) lanes.resume(behind);
  const done = follow()
    .catch((err: unknown) => ended.abort(err))
    .then(() => lanes.ended())
    .then(() => {
      if (!isStopping) throw signal.reason;
    });
  // Whoever stops the run waits for it, maybe after it has failed.
  done.catch(() => {});

  return {
    done,
    isOver: () => signal.aborted,
    update: (row) => {
      webhook = row;
    },
    skip: lanes.skip,
    takeProgress() {
      const behind = lanes.takeChanged();
      const reached = window.reached();
      return {
        place: reached && placeOf(reached),
        idleAt: window.size() === 0 ? position() : undefined,
        ...attempts.failure(),
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
