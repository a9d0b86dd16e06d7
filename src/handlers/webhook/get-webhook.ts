import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { orNotFound } from '../answer/errors.js';
import { webhookStateMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';

/** Answers one webhook; see the rpc's comment. */
export function getWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.getWebhook> {
  return async (request) => {
    check(uuid('id', request.id));
    const id = request.id.toLowerCase();
    return { webhook: webhookStateMessage(orNotFound('webhook', id, await webhooks.get(id))) };
  };
}
