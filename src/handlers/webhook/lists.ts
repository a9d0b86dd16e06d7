import type { ListKey } from '../../application/read-model.js';
import type { PageRows, Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { orNotFound } from '../answer/errors.js';
import { pageToken, parsePageToken } from '../answer/tokens.js';
import { deliveryMessage, webhookStateMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { check, pageSize, pageSizeOf, uuid } from '../request/fields.js';

/** Answers a page of webhooks; see the rpc's comment. */
export function listWebhooksHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.listWebhooks> {
  return async (request) => {
    check(pageSize('page_size', request.pageSize));
    const { rows, nextPageToken } = await page(
      request,
      'webhooks',
      (after, limit) => webhooks.list(after, limit),
      ({ webhook: { createdAt, id } }) => ({ time: createdAt, id }),
    );
    return { webhooks: rows.map(webhookStateMessage), nextPageToken };
  };
}

/** Answers a page of attempts; see the rpc's comment. */
export function listDeliveriesHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.listDeliveries> {
  return async (request) => {
    check(uuid('id', request.id), pageSize('page_size', request.pageSize));
    const query = { id: request.id.toLowerCase(), failedOnly: request.failedOnly };
    const { rows, nextPageToken } = await page(
      request,
      query,
      async (before, limit) => orNotFound('webhook', query.id, await webhooks.deliveries(query, before, limit)),
      ({ at, id }) => ({ time: at, id }),
    );
    return { deliveries: rows.map(deliveryMessage), nextPageToken };
  };
}

/** Reads a page. */
async function page<Row>(
  request: { readonly pageSize: number; readonly pageToken: string },
  query: unknown,
  read: (after: ListKey | undefined, limit: number) => Promise<PageRows<Row>>,
  keyOf: (row: Row) => ListKey,
) {
  const { rows, isLast } = await read(parsePageToken(request.pageToken, query), pageSizeOf(request.pageSize));
  return { rows, nextPageToken: isLast ? '' : pageToken(keyOf(rows.at(-1)!), query) };
}
