import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { commandGiven } from './given.js';

/** Deletes a webhook; see the rpc's comment. */
export function deleteWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.deleteWebhook> {
  return async (request, call) => {
    const command = commandGiven(request, call, undefined);
    doneOrThrow(command.id, await webhooks.delete(command));
    return {};
  };
}
