import type { Webhooks } from '../../application/webhooks.js';
import type { EventStore } from '../../event-store/event-store.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { check, required } from '../request/fields.js';
import { notAhead, position } from '../request/position.js';
import { commandGiven } from './given.js';

/** Delivers changes again; see the rpc's comment. */
export function replayWebhookHandler(
  webhooks: Webhooks,
  store: Pick<EventStore, 'head'>,
): Handler<typeof WebhookService.method.replayWebhook> {
  return async (request, call) => {
    const { afterPosition } = request;
    const command = commandGiven(request, call, String(afterPosition), required('after_position', afterPosition));
    check(position('after_position', afterPosition), notAhead('after_position', afterPosition, await store.head()));
    return { webhook: webhookMessage(doneOrThrow(command.id, await webhooks.replay(command, afterPosition ?? 0n))) };
  };
}
