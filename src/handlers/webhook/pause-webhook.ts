import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { reason } from '../request/fields.js';
import { commandGiven } from './given.js';

/** Pauses a webhook; see the rpc's comment. */
export function pauseWebhookHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.pauseWebhook> {
  return async (request, call) => {
    const command = commandGiven(request, call, request.reason, reason('reason', request.reason));
    const detail = request.reason || 'an admin paused it';
    return { webhook: webhookMessage(doneOrThrow(command.id, await webhooks.pause(command, detail))) };
  };
}
