import type { Webhooks } from '../../application/webhooks.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { check, requestId } from '../request/fields.js';
import { notAhead, position } from '../request/position.js';
import { brokenTarget, requestGiven, targetGiven } from './given.js';

/** Creates a webhook; see the rpc's comment. */
export function createWebhookHandler(
  webhooks: Webhooks,
  store: Pick<EventStore, 'head'>,
): Handler<typeof WebhookService.method.createWebhook> {
  return async (request, call) => {
    const broken = [...brokenTarget(webhooks, request.webhook), requestId('request_id', request.requestId)];
    if (broken.some(Boolean)) check(...broken);
    const head = await store.head();
    const { afterPosition } = request;
    check(position('after_position', afterPosition), notAhead('after_position', afterPosition, head));
    const target = targetGiven(request.webhook);
    const command = requestGiven(request, call, [target, String(afterPosition)]);
    const { webhook, secret } = doneOrThrow('', await webhooks.create(command, target, afterPosition ?? head));
    return { webhook: webhookMessage(webhook), secret };
  };
}
