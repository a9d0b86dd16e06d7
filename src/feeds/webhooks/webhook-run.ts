import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { ChangeFeed, ChangeFilter } from '../../application/change-feed.js';
import type { Delivery, HeldUp, PauseReason } from '../../application/webhooks.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { type Bell, createBell, waitAtMost } from '../../waiting.js';
import { type Place, placeOf } from '../place.js';
import { type Attempts, createAttempts, type Delivering } from './attempts.js';
import { createGate, type Gate } from './gate.js';
import { createLanes, type Lanes } from './lanes.js';
import { filterOf } from './webhook-filter.js';
import type { WebhookRow } from './webhook-rows.js';
import { createWindow, type Window } from './window.js';

/** What the deliveries of all webhooks share. */
export interface SharedByRuns extends Delivering {
  readonly feed: ChangeFeed;
  readonly store: Pick<EventStore, 'read'>;
  readonly log: Logger;
}

/** What the deliveries of one webhook need besides. */
export interface WebhookRunParts {
  readonly webhook: WebhookRow;
  /** Where to begin (exclusive). */
  readonly after: Position;
  /** The coaches that are behind the beginning. */
  readonly heldUp: readonly HeldUp[];
  readonly failingSince: number | undefined;
  readonly lastError: string | undefined;
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
export function startWebhookRun(shared: SharedByRuns, parts: WebhookRunParts): WebhookRun {
  const { after, heldUp, failingSince, lastError } = parts;
  const filter = filterOf(parts.webhook);
  const room = createBell();
  const ended = new AbortController();
  const { signal } = ended;
  const run: Run = { webhook: parts.webhook, filter, room, ended, dispatched: after, isStopping: false };
  let position = () => after;
  // There may be a thousand webhooks, most of which nothing comes for.
  let deliveries: Deliveries | undefined;
  const begun = () => {
    deliveries ??= createDeliveries(shared, parts, run);
    return deliveries;
  };

  async function follow(): Promise<void> {
    const follower = await shared.feed.follow({ after, filter, signal });
    position = follower.position;
    for (;;) {
      const arrival = await follower.next();
      for (const change of arrival?.changes ?? []) {
        const { window, lanes } = begun();
        while (window.size() >= MAX_WINDOW) {
          await room.wait(undefined, signal);
          signal.throwIfAborted();
        }
        run.dispatched = change.position;
        lanes.tell(change);
      }
      if (arrival) run.dispatched = arrival.position;
    }
  }

  setMaxListeners(0, signal);
  for (const behind of heldUp) begun().lanes.resume(behind);
  const done = follow()
    .catch((err: unknown) => ended.abort(err))
    .then(() => deliveries?.lanes.ended())
    .then(() => {
      if (!run.isStopping) throw signal.reason;
    });
  // Whoever stops the run waits for it, maybe after it has failed.
  done.catch(() => {});

  return {
    done,
    isOver: () => signal.aborted,
    update: (row) => {
      run.webhook = row;
    },
    skip: (coachHashId, changeId) => deliveries?.lanes.skip(coachHashId, changeId),
    takeProgress() {
      const idleAt = position();
      if (!deliveries) return { ...NOTHING, idleAt, lastError, failingSince };
      const { window, lanes, attempts } = deliveries;
      const behind = lanes.takeChanged();
      const reached = window.reached();
      return {
        place: reached && placeOf(reached),
        idleAt: window.size() === 0 ? idleAt : undefined,
        ...attempts.failure(),
        heldUp: behind.flatMap(([, one]) => one ?? []),
        released: behind.filter(([, one]) => !one).map(([coach]) => coach),
        deliveries: attempts.takeLog(),
      };
    },
    async stop(grace) {
      run.isStopping = true;
      if (deliveries) {
        deliveries.gate.close();
        await waitAtMost(grace, deliveries.gate.empty());
      }
      ended.abort(new Error('the deliveries stop'));
      await done.catch(() => {});
    },
  };
}

/** The progress of a run to which nothing has come. */
const NOTHING = { place: undefined, heldUp: [], released: [], deliveries: [] };

/** What a run and its deliveries share. */
interface Run {
  webhook: WebhookRow;
  readonly filter: ChangeFilter;
  /** Rings when a change waits in memory no longer. */
  readonly room: Bell;
  /** Aborted when the run is over. */
  readonly ended: AbortController;
  /** How far the feed has told. */
  dispatched: Position;
  isStopping: boolean;
}

/** What delivers. */
interface Deliveries {
  readonly gate: Gate;
  readonly window: Window;
  readonly attempts: Attempts;
  readonly lanes: Lanes;
}

function createDeliveries(shared: SharedByRuns, parts: WebhookRunParts, run: Run): Deliveries {
  const { clock, store, log } = shared;
  const { failingSince, lastError } = parts;
  const { filter, room, ended } = run;
  const { signal } = ended;
  const gate = createGate(PARALLEL, clock, signal);
  const window = createWindow();
  const attempts = createAttempts({
    ...shared,
    failingSince,
    lastError,
    webhook: () => run.webhook,
    gate,
    signal,
    onRecovered: () => lanes.tryNow(),
    onPause: (reason, detail) => {
      gate.close();
      parts.onPause(reason, detail);
    },
  });
  const lanes = createLanes({
    clock,
    store,
    log,
    webhookId: parts.webhook.id,
    filter,
    gate,
    window,
    attempts,
    told: () => run.dispatched,
    isStopping: () => run.isStopping,
    onTurn: room.ring,
    onFailed: (err) => ended.abort(err),
    signal,
  });
  return { gate, window, attempts, lanes };
}
