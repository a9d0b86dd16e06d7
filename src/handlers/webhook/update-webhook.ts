import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { brokenTarget, commandGiven, targetGiven } from './given.js';

/** Sets URL, filter and description; see the rpc's comment. */
export function updateWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.updateWebhook> {
  return async (request, call) => {
    const broken = brokenTarget(webhooks, request.webhook);
    if (broken.some(Boolean)) commandGiven(request, call, undefined, ...broken);
    const target = targetGiven(request.webhook);
    const command = commandGiven(request, call, target);
    return { webhook: webhookMessage(doneOrThrow(command.id, await webhooks.update(command, target))) };
  };
}
