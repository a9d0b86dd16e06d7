import type pg from 'pg';
import type { Delivery } from '../../application/webhooks.js';

/** An attempt, and whose it was. */
export interface Logged {
  readonly webhookId: string;
  readonly delivery: Delivery;
}

/** How many attempts of a webhook are kept. */
export const KEPT_DELIVERIES = 1_000;

/** Writes attempts to the log, but those of webhooks that are no more. */
export async function logDeliveries(
  database: Pick<pg.Pool | pg.ClientBase, 'query'>,
  logged: readonly Logged[],
): Promise<void> {
  if (logged.length === 0) return;
  const column = (read: (delivery: Delivery) => unknown) => logged.map(({ delivery }) => read(delivery));
  await database.query({
    name: 'log deliveries',
    text: `
      insert into feeds.webhook_deliveries (webhook_id, id, at, change_id, position, type, coach_hash_id, attempt,
        succeeded, status, error, duration_ms, response_body)
      select logged.* from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::bigint[], $6::text[],
        $7::text[], $8::int[], $9::boolean[], $10::int[], $11::text[], $12::int[], $13::text[]) as logged (webhook)
      where exists (select from feeds.webhooks where id = webhook for key share)`,
    values: [
      logged.map(({ webhookId }) => webhookId),
      column(({ id }) => id),
      column(({ at }) => new Date(at)),
      column(({ changeId }) => changeId),
      column(({ position }) => position),
      column(({ type }) => type),
      column(({ coachHashId }) => coachHashId),
      column(({ attempt }) => attempt),
      column(({ succeeded }) => succeeded),
      column(({ status }) => status ?? null),
      column(({ error }) => error),
      column(({ duration }) => duration),
      column(({ responseBody }) => responseBody),
    ],
  });
}

/** Deletes the attempts of webhooks that are too old to be kept. */
export async function trimDeliveries(
  database: Pick<pg.Pool | pg.ClientBase, 'query'>,
  webhookIds: readonly string[],
): Promise<void> {
  if (webhookIds.length === 0) return;
  await database.query({
    name: 'trim deliveries',
    text: `
      delete from feeds.webhook_deliveries using unnest($1::uuid[]) as trimmed (webhook) cross join lateral (
        select id from feeds.webhook_deliveries where webhook_id = webhook order by id desc offset $2 limit 1
      ) oldest
      where webhook_id = webhook and webhook_deliveries.id <= oldest.id`,
    values: [webhookIds, KEPT_DELIVERIES],
  });
}
