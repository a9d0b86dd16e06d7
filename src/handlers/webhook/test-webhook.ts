import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { orNotFound } from '../answer/errors.js';
import { deliveryMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { check, uuid } from '../request/fields.js';

/** Posts an event to the receiver at once; see the rpc's comment. */
export function testWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.testWebhook> {
  return async (request, { cancellation }) => {
    check(uuid('id', request.id));
    const id = request.id.toLowerCase();
    const delivery = orNotFound('webhook', id, await webhooks.test(id, cancellation.signal));
    return { delivery: deliveryMessage(delivery) };
  };
}
