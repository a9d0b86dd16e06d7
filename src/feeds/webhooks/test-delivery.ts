import type pg from 'pg';
import type { Delivery } from '../../application/webhooks.js';
import type { CloudEvent } from '../cloud-event.js';
import { logDeliveries, trimDeliveries } from './delivery-log.js';
import type { Poster } from './post-event.js';
import { requestOf } from './request.js';
import { secretsOf, type WebhookRow } from './webhook-rows.js';

/** What a test needs. */
export interface TestParts {
  readonly pool: pg.Pool;
  readonly poster: Poster;
  readonly source: string;
  readonly now: () => number;
  readonly newId: () => string;
}

/** The type of the event that a test posts. */
const TYPE = 'aceup.scheduler.v1.WebhookTest';

/** Posts an event of its own to the receiver of a webhook, once, and logs the attempt; undefined without the webhook. */
export async function postTest(parts: TestParts, id: string, signal: AbortSignal): Promise<Delivery | undefined> {
  const { pool, poster, source, now, newId } = parts;
  const { rows } = await pool.query<WebhookRow>('select * from feeds.webhooks where id = $1', [id]);
  const [row] = rows;
  if (!row) return undefined;
  const at = now();
  const event: Omit<CloudEvent, 'partitionkey' | 'sequence'> = {
    specversion: '1.0',
    id: newId(),
    source,
    type: TYPE,
    subject: id,
    time: new Date(at).toISOString(),
    datacontenttype: 'application/json',
    data: { webhook_id: id },
  };
  const { headers, body } = requestOf(event.id, JSON.stringify(event), at, secretsOf(row, at));
  const posted = await poster.post(row.url, headers, body, signal);
  const delivery: Delivery = {
    id: newId(),
    at,
    changeId: event.id,
    position: 0n,
    type: TYPE,
    coachHashId: '',
    attempt: 1,
    succeeded: posted.error === undefined,
    status: posted.status,
    error: posted.error ?? '',
    duration: posted.duration,
    responseBody: posted.body,
  };
  await logDeliveries(pool, [{ webhookId: id, delivery }]);
  await trimDeliveries(pool, [id]);
  return delivery;
}
