import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow, webhookMessage } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { commandGiven } from './given.js';

/** In seconds. */
const DEFAULT_OVERLAP = 24 * 3_600;
const MAX_OVERLAP = 30 * DEFAULT_OVERLAP;

/** Gives a webhook another secret; see the rpc's comment. */
export function rotateSecretHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.rotateSecret> {
  return async (request, call) => {
    const overlap = request.overlapSeconds ?? DEFAULT_OVERLAP;
    const isWithin = overlap >= 0 && overlap <= MAX_OVERLAP;
    const description = `must be 0 to ${MAX_OVERLAP} seconds`;
    const broken = isWithin ? undefined : { field: 'overlap_seconds', description };
    const command = commandGiven(request, call, overlap, broken);
    const { webhook, secret } = doneOrThrow(command.id, await webhooks.rotateSecret(command, overlap * 1_000));
    return { webhook: webhookMessage(webhook), secret };
  };
}
