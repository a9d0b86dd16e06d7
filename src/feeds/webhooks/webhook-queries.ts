import type pg from 'pg';
import type { ListKey } from '../../application/read-model.js';
import type { Delivery, DeliveryQuery, HeldUp, PageRows, WebhookState } from '../../application/webhooks.js';
import { type DeliveryRow, deliveryOf, type HeldUpRow, heldUpOf, type WebhookRow, webhookOf } from './webhook-rows.js';

/** The most coaches that are held up which a webhook is answered with. */
const MAX_HELD_UP = 100;

/** The most coaches that are held up in a page of webhooks, unless one webhook alone has more: about 300 kB of JSON. */
const MAX_HELD_UP_IN_PAGE = 1_000;

/** A webhook with its cursor, and how many coaches are held up. */
interface StateRow extends WebhookRow {
  readonly reached: bigint | null;
  readonly last_error: string | null;
  readonly failing_since: Date | null;
  readonly held_up_count: bigint;
}

const STATES = `
  select webhooks.*, cursors.reached, cursors.last_error, cursors.failing_since,
    (select count(*) from feeds.webhook_held_up where webhook_id = webhooks.id and attempts > 0) as held_up_count
  from feeds.webhooks left join feeds.cursors on feed = webhooks.id::text`;

/** One webhook, and how far it has come. */
export async function stateOf(pool: pg.Pool, id: string): Promise<WebhookState | undefined> {
  const { rows } = await pool.query<StateRow>(`${STATES} where webhooks.id = $1`, [id]);
  const [state] = await withHeldUp(pool, rows);
  return state;
}

/** Webhooks after a key, in order. */
export async function statesAfter(
  pool: pg.Pool,
  after: ListKey | undefined,
  limit: number,
): Promise<PageRows<WebhookState>> {
  const { rows } = await pool.query<StateRow>(
    `${STATES} where $1::timestamptz is null or (created_at, webhooks.id) > ($1, $2::uuid)
     order by created_at, webhooks.id limit $3`,
    [after ? new Date(after.time) : null, after?.id ?? null, limit + 1],
  );
  const page = rows.slice(0, Math.min(limit, inOnePage(rows)));
  return { rows: await withHeldUp(pool, page), isLast: page.length === rows.length };
}

/** How many of these webhooks have so few coaches that are held up that one answer takes them. */
function inOnePage(rows: readonly StateRow[]): number {
  let heldUp = 0;
  const over = rows.findIndex((row, index) => {
    heldUp += Math.min(Number(row.held_up_count), MAX_HELD_UP);
    return index > 0 && heldUp > MAX_HELD_UP_IN_PAGE;
  });
  return over === -1 ? rows.length : over;
}

async function withHeldUp(pool: pg.Pool, rows: readonly StateRow[]): Promise<WebhookState[]> {
  const waiting = rows.filter((row) => row.held_up_count > 0).map((row) => row.id);
  const heldUp = new Map<string, HeldUp[]>();
  if (waiting.length > 0) {
    const { rows: found } = await pool.query<HeldUpRow>(
      `select held_up.* from unnest($1::uuid[]) as wanted (id) cross join lateral (
         select * from feeds.webhook_held_up where webhook_id = wanted.id and attempts > 0
         order by since, coach_hash_id limit $2
       ) held_up`,
      [waiting, MAX_HELD_UP],
    );
    for (const row of found) heldUp.set(row.webhook_id, [...(heldUp.get(row.webhook_id) ?? []), heldUpOf(row)]);
  }
  return rows.map((row) => ({
    webhook: webhookOf(row),
    progress: {
      position: row.reached ?? row.start_after,
      lastError: row.last_error ?? undefined,
      failingSince: row.failing_since?.getTime(),
      heldUp: heldUp.get(row.id) ?? [],
      heldUpCount: Number(row.held_up_count),
    },
  }));
}

/** The most characters of answers in a page of attempts: an answer has 4,096 at most. */
const MAX_ANSWERS_IN_PAGE = 256 * 1024;

/** An attempt, and how many were found for the page. */
interface FoundDelivery extends DeliveryRow {
  readonly found: bigint;
}

/** Attempts before a key, the newest first; undefined when there is no such webhook. */
export async function deliveriesOf(
  pool: pg.Pool,
  { id, failedOnly }: DeliveryQuery,
  before: ListKey | undefined,
  limit: number,
): Promise<PageRows<Delivery> | undefined> {
  const { rows: known } = await pool.query('select from feeds.webhooks where id = $1', [id]);
  if (known.length === 0) return undefined;
  const { rows } = await pool.query<FoundDelivery>(
    `select * from (
       select *, count(*) over () as found, sum(length(response_body)) over (order by id desc) as answers
       from (
         select * from feeds.webhook_deliveries
         where webhook_id = $1 and ($2::uuid is null or id < $2) and not (succeeded and $3)
         order by id desc limit $4
       ) deliveries
     ) page
     where answers <= $5
     order by id desc`,
    // One more than asked for tells whether there is a next page.
    [id, before?.id ?? null, failedOnly, limit + 1, MAX_ANSWERS_IN_PAGE],
  );
  const page = rows.slice(0, limit);
  return { rows: page.map(deliveryOf), isLast: page.length === Number(rows[0]?.found ?? 0) };
}
