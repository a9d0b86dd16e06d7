import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type ChangeFeed, FeedEnded } from '../../application/change-feed.js';
import type { HeldUp, PauseReason } from '../../application/webhooks.js';
import type { EventStore, Position } from '../../event-store/event-store.js';
import { type LinkedSignal, linkedSignal } from '../../waiting.js';
import { NotInThisLog, type Place, placeOf, positionOf } from '../place.js';
import { type Cursor, readCursors } from '../sinks/cursors.js';
import type { Delivering } from './attempts.js';
import { KEPT_DELIVERIES, type Logged, trimDeliveries } from './delivery-log.js';
import { readHeldUp, readSkips, type Saved, saveProgress } from './progress.js';
import { filterOf } from './webhook-filter.js';
import { heldUpOf, type WebhookRow } from './webhook-rows.js';
import { startWebhookRun, type WebhookRun } from './webhook-run.js';

/** What the runs of all webhooks need. */
export interface WebhookRunsParts extends Delivering {
  /** Of the holder of the lease. */
  readonly client: pg.ClientBase;
  readonly feed: ChangeFeed;
  readonly store: Pick<EventStore, 'read' | 'head'>;
  readonly log: Logger;
  /** Ends the runs. */
  readonly signal: AbortSignal;
}

/** The deliveries of all webhooks. Make one call at a time. */
export interface WebhookRuns {
  /**
   * Makes the runs those of the webhooks that are active now.
   * @param ids of the webhooks that may have changed; undefined: all
   */
  sync(ids?: readonly string[]): Promise<void>;
  /** Saves what has changed. */
  save(): Promise<void>;
  /** Ends the runs, gives requests under way the time, and saves. */
  stop(grace: number): Promise<void>;
  /** Ends the runs at once. */
  abandon(): Promise<void>;
}

/** A webhook, and its deliveries. */
interface Running {
  row: WebhookRow;
  readonly run: WebhookRun;
  /** The cursor that was saved last. */
  saved: Place | undefined;
  savedAt: number;
  /** Why the run ended by itself. */
  pause: Saved['pause'];
  /** Saved once: an admin may have resumed the webhook before the run has stopped. */
  isPauseSaved: boolean;
  /** How many deliveries were logged since old ones were deleted. */
  logged: number;
  hadError: boolean;
}

/** How many streams are read at once, to find places in them. */
const READERS = 4;

/** Milliseconds after which the cursor of a webhook moves on though nothing was for it. */
const IDLE_SAVE = 10_000;

/** Milliseconds before a webhook whose deliveries stopped is tried again. */
const RESTART_PAUSE = 2_000;

/** Runs of no webhooks yet. */
export function createWebhookRuns(parts: WebhookRunsParts): WebhookRuns {
  const { client, feed, store, log, clock, signal } = parts;
  const running = new Map<string, Running>();
  const limit = pLimit(READERS);
  let newest: Place | undefined;
  /** Runs that have failed, and are to begin again. */
  let failed: string[] = [];
  let following: LinkedSignal | undefined;

  /** Follows all changes while there are webhooks. Without any, nobody reads the log. */
  function followIfNeeded(): void {
    if (running.size === 0) {
      following?.end();
      following = undefined;
    } else if (!following) {
      following = linkedSignal(signal);
      void followAll(following.signal);
    }
  }

  /** Knows the newest change of the log, whomever it is for: cursors pass what is for nobody, and have an id to be found by. */
  async function followAll(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      try {
        const follower = await feed.follow({ after: await feed.position(until), filter: {}, signal: until });
        for (;;) {
          const last = (await follower.next())?.changes.at(-1);
          if (last) newest = placeOf(last);
        }
      } catch {
        await clock.wait(RESTART_PAUSE, until);
      }
    }
  }

  async function stopOne(id: string, grace: number): Promise<Running | undefined> {
    const one = running.get(id);
    await one?.run.stop(grace);
    return one;
  }

  /** The position after which a webhook goes on in this log. Throws `NotInThisLog`. */
  async function positionAfter(row: WebhookRow, place: Place | undefined, head: Position): Promise<Position> {
    if (place) return positionOf(place, store);
    if (row.start_after > head) throw new AheadOfLog(row.start_after, head);
    return row.start_after;
  }

  /** Begins the deliveries of webhooks. One whose place is not in the log is paused. */
  async function startAll(rows: readonly WebhookRow[]): Promise<void> {
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    const cursors = await readCursors(client, ids);
    const heldUp = await readHeldUp(client, ids);
    const head = await store.head();
    const lost: Saved[] = [];
    const begun = await Promise.allSettled(
      rows.map((row) =>
        limit(async () => {
          const cursor = cursors.get(row.id);
          try {
            const after = await positionAfter(row, cursor?.place, head);
            start(row, after, cursor, (heldUp.get(row.id) ?? []).map(heldUpOf));
          } catch (error) {
            if (!(error instanceof NotInThisLog) && !(error instanceof AheadOfLog)) throw error;
            lost.push({ ...nothingOf(row), pause: { reason: 'not_in_log', detail: error.message } });
          }
        }),
      ),
    );
    for (const one of begun) if (one.status === 'rejected') throw one.reason;
    for (const { webhookId, pause } of lost)
      log.warn({ webhook: webhookId, why: pause?.detail }, 'a webhook is paused');
    await saveProgress(client, lost, [], clock.now());
  }

  function start(row: WebhookRow, after: Position, cursor: Cursor | undefined, heldUp: readonly HeldUp[]): void {
    const { place, lastError, failingSince } = cursor ?? {};
    const onPause = (reason: PauseReason, detail: string) => {
      const one = running.get(row.id);
      if (!one || one.pause) return;
      one.pause = { reason, detail };
      log.warn({ webhook: row.id, reason, why: detail }, 'a webhook is paused');
    };
    const since = failingSince?.getTime();
    const run = startWebhookRun(parts, { webhook: row, after, heldUp, lastError, failingSince: since, onPause });
    running.set(row.id, {
      row,
      run,
      saved: place,
      savedAt: clock.now(),
      pause: undefined,
      isPauseSaved: false,
      logged: 0,
      hadError: lastError !== undefined,
    });
    run.done.catch(async (err: unknown) => {
      if (signal.aborted || err instanceof FeedEnded || !running.has(row.id)) return;
      log.warn({ webhook: row.id, err }, 'the deliveries of a webhook stopped and will be tried again');
      await clock.wait(RESTART_PAUSE, signal);
      failed.push(row.id);
    });
  }

  /** What is to be saved of a run; undefined: nothing. */
  function progressOf(id: string, one: Running, logged: Logged[]): Saved | undefined {
    const { place: reached, idleAt, deliveries, ...progress } = one.run.takeProgress();
    for (const delivery of deliveries) logged.push({ webhookId: id, delivery });
    one.logged += deliveries.length;
    // Everything up to the newest change was told, and none of it is left.
    const isPast = idleAt !== undefined && newest !== undefined && newest.position <= idleAt;
    const place = isPast && newest!.position > (reached?.position ?? -1n) ? newest : reached;
    const isAhead = place !== undefined && place.position !== one.saved?.position;
    const isDue = deliveries.length > 0 || !one.saved || clock.now() >= one.savedAt + IDLE_SAVE;
    const hasError = progress.lastError !== undefined;
    const isNews = hasError !== one.hadError || deliveries.some(({ succeeded }) => !succeeded);
    const pause = one.isPauseSaved ? undefined : one.pause;
    if (progress.heldUp.length + progress.released.length === 0 && !(isAhead && isDue) && !isNews && !pause) return;
    one.hadError = hasError;
    one.isPauseSaved = one.pause !== undefined;
    if (isAhead) {
      one.saved = place;
      one.savedAt = clock.now();
    }
    const { generation } = one.row;
    const moved = isAhead
      ? { place, reached: isPast ? idleAt : place.position }
      : { place: undefined, reached: undefined };
    return { webhookId: id, generation, ...moved, ...progress, pause };
  }

  async function save(): Promise<void> {
    const logged: Logged[] = [];
    const all = [...running].flatMap(([id, one]) => progressOf(id, one, logged) ?? []);
    await saveProgress(client, all, logged, clock.now());
    const full = [...running].filter(([, one]) => one.logged >= KEPT_DELIVERIES / 4);
    await trimDeliveries(
      client,
      full.map(([id]) => id),
    );
    for (const [, one] of full) one.logged = 0;
    const again = failed;
    failed = [];
    if (again.length > 0) await sync(again);
  }

  async function sync(ids?: readonly string[]): Promise<void> {
    const { rows } = await client.query<WebhookRow>(
      'select * from feeds.webhooks where $1::uuid[] is null or id = any($1)',
      [ids],
    );
    const active = new Map(rows.filter((row) => row.pause_reason === null).map((row) => [row.id, row]));
    const over: [string, Running][] = [];
    for (const id of ids ?? running.keys()) {
      const one = running.get(id);
      if (one && !canGoOn(one, active.get(id))) over.push([id, one]);
    }
    await Promise.all(over.map(([id]) => stopOne(id, 0)));
    if (over.length > 0) await saveStopped(over);
    for (const [id, row] of active) {
      const one = running.get(id);
      if (!one) continue;
      one.row = row;
      one.run.update(row);
    }
    await startAll([...active.values()].filter(({ id }) => !running.has(id)));
    followIfNeeded();
    for (const { webhookId, coachHashId, changeId } of await readSkips(client, ids)) {
      running.get(webhookId)?.run.skip(coachHashId, changeId);
    }
  }

  /** What runs that are over have left. */
  async function saveStopped(over: readonly (readonly [string, Running])[]): Promise<void> {
    const logged: Logged[] = [];
    const saved = over.flatMap(([id, one]) => progressOf(id, one, logged) ?? []);
    for (const [id] of over) running.delete(id);
    await saveProgress(client, saved, logged, clock.now());
  }

  return {
    sync,
    save,
    async stop(grace) {
      const all = [...running];
      await Promise.all(all.map(([id]) => stopOne(id, grace)));
      await saveStopped(all);
    },
    async abandon() {
      const all = [...running.keys()];
      await Promise.all(all.map((id) => stopOne(id, 0)));
      running.clear();
    },
  };
}

/** Whether the deliveries of a webhook can go on as they are. */
function canGoOn({ row, run, pause }: Running, now: WebhookRow | undefined): boolean {
  if (!now || pause || run.isOver()) return false;
  return row.generation === now.generation && isDeepStrictEqual(filterOf(row), filterOf(now));
}

function nothingOf({ id: webhookId, generation }: WebhookRow): Omit<Saved, 'pause'> {
  const nothing = {
    place: undefined,
    reached: undefined,
    lastError: undefined,
    failingSince: undefined,
    heldUp: [],
    released: [],
  };
  return { webhookId, generation, ...nothing };
}

/** The position after which a webhook begins is not in the log. */
class AheadOfLog extends Error {
  override readonly name = 'AheadOfLog';

  constructor(position: Position, head: Position) {
    super(
      `the webhook begins after position ${position}, and the log ends at ${head}: it is another log, or was restored to ` +
        'an earlier state; see docs/feeds.md',
    );
  }
}
