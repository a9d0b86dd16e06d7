import type pg from 'pg';
import type { HeldUp, PauseReason } from '../../application/webhooks.js';
import type { Position } from '../../event-store/event-store.js';
import type { Place } from '../place.js';
import { type Logged, logDeliveries } from './delivery-log.js';
import { type HeldUpRow, heldUpOf } from './webhook-rows.js';
import { CHANNEL } from './webhook-store.js';

/** What is to be saved of the progress of one webhook. */
export interface Saved {
  readonly webhookId: string;
  /** The generation whose progress it is. */
  readonly generation: bigint;
  /** Where the cursor is now; undefined: where it was. */
  readonly place: Place | undefined;
  /** Everything up to here was delivered or is held up; undefined: up to where it was. */
  readonly reached: Position | undefined;
  readonly lastError: string | undefined;
  readonly failingSince: number | undefined;
  readonly heldUp: readonly HeldUp[];
  readonly released: readonly string[];
  /** Whether to pause the webhook, and why. */
  readonly pause: { readonly reason: PauseReason; readonly detail: string } | undefined;
}

/**
 * Saves progress, all or nothing: a cursor passes a change only together with the row that remembers the change. That of
 * a webhook which was deleted, or began anew, is left out.
 * @param client of the holder of the lease: nobody else writes progress
 */
export async function saveProgress(
  client: pg.ClientBase,
  all: readonly Saved[],
  logged: readonly Logged[],
  now: number,
): Promise<void> {
  if (all.length === 0 && logged.length === 0) return;
  await client.query('begin');
  const { rows } = await client.query<{ id: string }>({
    name: 'webhooks whose progress counts',
    text: `
      select id from feeds.webhooks join unnest($1::uuid[], $2::bigint[]) as saved (webhook, of_generation)
        on id = webhook and generation = of_generation
      for share of webhooks`,
    values: [all.map(({ webhookId }) => webhookId), all.map(({ generation }) => generation)],
  });
  const known = new Set(rows.map(({ id }) => id));
  const saved = all.filter(({ webhookId }) => known.has(webhookId));
  await saveHeldUp(client, saved);
  await saveCursors(client, saved);
  for (const one of saved) if (one.pause) await savePause(client, one.webhookId, one.pause, now);
  await logDeliveries(client, logged);
  await client.query('commit');
}

async function saveHeldUp(client: pg.ClientBase, saved: readonly Saved[]): Promise<void> {
  const released = saved.flatMap(({ webhookId, released }) => released.map((coach) => [webhookId, coach] as const));
  if (released.length > 0) {
    await client.query({
      name: 'release coaches',
      text: `
        delete from feeds.webhook_held_up using unnest($1::uuid[], $2::text[]) as released (webhook, coach)
        where webhook_id = webhook and coach_hash_id = coach`,
      values: [released.map(([webhook]) => webhook), released.map(([, coach]) => coach)],
    });
  }
  const rows = saved.flatMap(({ webhookId, heldUp }) => heldUp.map((one) => ({ webhookId, ...one })));
  if (rows.length === 0) return;
  await client.query({
    name: 'hold coaches up',
    text: `
      insert into feeds.webhook_held_up as held_up
        (webhook_id, coach_hash_id, change_id, revision, attempts, since, next_attempt_at, last_error)
      select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::int[], $6::timestamptz[],
        $7::timestamptz[], $8::text[])
      on conflict (webhook_id, coach_hash_id) do update set change_id = excluded.change_id,
        revision = excluded.revision, attempts = excluded.attempts, since = excluded.since,
        next_attempt_at = excluded.next_attempt_at, last_error = excluded.last_error,
        skip = held_up.skip and held_up.revision = excluded.revision`,
    values: [
      rows.map(({ webhookId }) => webhookId),
      rows.map(({ coachHashId }) => coachHashId),
      rows.map(({ changeId }) => changeId),
      rows.map(({ revision }) => revision),
      rows.map(({ attempts }) => attempts),
      rows.map(({ since }) => new Date(since)),
      rows.map(({ nextAttemptAt }) => new Date(nextAttemptAt)),
      rows.map(({ lastError }) => lastError),
    ],
  });
}

async function saveCursors(client: pg.ClientBase, saved: readonly Saved[]): Promise<void> {
  if (saved.length === 0) return;
  await client.query({
    name: 'save cursors of webhooks',
    text: `
      insert into feeds.cursors
        (feed, position, event_id, coach_hash_id, revision, reached, last_error, failing_since, moved_at)
      select saved.*, case when saved.reached is not null then clock_timestamp() end
      from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
        $8::timestamptz[])
        as saved (feed, position, event_id, coach_hash_id, revision, reached, last_error, failing_since)
      on conflict (feed) do update set position = coalesce(excluded.position, cursors.position),
        event_id = coalesce(excluded.event_id, cursors.event_id),
        coach_hash_id = coalesce(excluded.coach_hash_id, cursors.coach_hash_id),
        revision = coalesce(excluded.revision, cursors.revision),
        reached = coalesce(excluded.reached, cursors.reached),
        moved_at = coalesce(excluded.moved_at, cursors.moved_at),
        last_error = excluded.last_error, failing_since = excluded.failing_since`,
    values: [
      saved.map(({ webhookId }) => webhookId),
      saved.map(({ place }) => place?.position ?? null),
      saved.map(({ place }) => place?.id ?? null),
      saved.map(({ place }) => place?.coachHashId ?? null),
      saved.map(({ place }) => place?.revision ?? null),
      saved.map(({ reached }) => reached ?? null),
      saved.map(({ lastError }) => lastError ?? null),
      saved.map(({ failingSince }) => (failingSince === undefined ? null : new Date(failingSince))),
    ],
  });
}

async function savePause(
  client: pg.ClientBase,
  id: string,
  { reason, detail }: { readonly reason: PauseReason; readonly detail: string },
  now: number,
): Promise<void> {
  await client.query(
    `update feeds.webhooks set pause_reason = $2, pause_detail = $3, version = version + 1, updated_at = $4
     where id = $1 and pause_reason is null`,
    [id, reason, detail, new Date(now)],
  );
  await client.query('select pg_notify($1, $2)', [CHANNEL, id]);
}

/** Reads the coaches that are held up, of each of some webhooks. */
export async function readHeldUp(
  client: pg.ClientBase,
  webhookIds: readonly string[],
): Promise<ReadonlyMap<string, HeldUpRow[]>> {
  const { rows } = await client.query<HeldUpRow>('select * from feeds.webhook_held_up where webhook_id = any($1)', [
    webhookIds,
  ]);
  const all = new Map<string, HeldUpRow[]>();
  for (const row of rows) {
    const found = all.get(row.webhook_id);
    if (found) found.push(row);
    else all.set(row.webhook_id, [row]);
  }
  return all;
}

/**
 * The changes that admins gave up.
 * @param webhookIds of which webhooks; undefined: all
 */
export async function readSkips(
  client: pg.ClientBase,
  webhookIds: readonly string[] | undefined,
): Promise<(HeldUp & { readonly webhookId: string })[]> {
  const { rows } = await client.query<HeldUpRow>(
    'select * from feeds.webhook_held_up where skip and ($1::uuid[] is null or webhook_id = any($1))',
    [webhookIds],
  );
  return rows.map((row) => ({ ...heldUpOf(row), webhookId: row.webhook_id }));
}

/** What its cursor does not tell of a webhook. */
export interface BesideCursor {
  /** The position after which it begins. */
  readonly startAfter: Position;
  readonly isPaused: boolean;
  /** Since when the coach waits who is held up longest; undefined: none is. */
  readonly heldUpSince: Date | undefined;
}

/** What the cursors do not tell of webhooks, by id. */
export async function besideCursors(
  database: Pick<pg.Pool | pg.Client, 'query'>,
): Promise<ReadonlyMap<string, BesideCursor>> {
  const { rows } = await database.query<{ id: string; start_after: bigint; is_paused: boolean; since: Date | null }>(`
    select id, start_after, pause_reason is not null as is_paused,
      (select min(since) from feeds.webhook_held_up where webhook_id = id) as since
    from feeds.webhooks`);
  return new Map(
    rows.map(({ id, start_after, is_paused, since }) => [
      id,
      { startAfter: start_after, isPaused: is_paused, heldUpSince: since ?? undefined },
    ]),
  );
}
