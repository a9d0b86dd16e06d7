import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { commandGiven } from './given.js';

/** Resumes a webhook; see the rpc's comment. */
export function resumeWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.resumeWebhook> {
  return async (request, call) => {
    const command = commandGiven(request, call, undefined);
    return { webhook: webhookMessage(doneOrThrow(command.id, await webhooks.resume(command))) };
  };
}
