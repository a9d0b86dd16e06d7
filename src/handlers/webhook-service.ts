import type { Webhooks } from '../application/webhooks.js';
import type { EventStore } from '../event-store/event-store.js';
import type { WebhookService } from '../gen/aceup/scheduler/v1/webhook_service_pb.js';
import type { Handlers } from './endpoints.js';
import { createWebhookHandler } from './webhook/create-webhook.js';
import { deleteWebhookHandler } from './webhook/delete-webhook.js';
import { getWebhookHandler } from './webhook/get-webhook.js';
import { listDeliveriesHandler, listWebhooksHandler } from './webhook/lists.js';
import { pauseWebhookHandler } from './webhook/pause-webhook.js';
import { replayWebhookHandler } from './webhook/replay-webhook.js';
import { resumeWebhookHandler } from './webhook/resume-webhook.js';
import { rotateSecretHandler } from './webhook/rotate-secret.js';
import { skipChangeHandler } from './webhook/skip-change.js';
import { testWebhookHandler } from './webhook/test-webhook.js';
import { updateWebhookHandler } from './webhook/update-webhook.js';

/** The handlers of all rpcs of the service. */
export function webhookServiceHandlers(
  webhooks: Webhooks,
  store: Pick<EventStore, 'head'>,
): Handlers<typeof WebhookService> {
  return {
    createWebhook: createWebhookHandler(webhooks, store),
    getWebhook: getWebhookHandler(webhooks),
    listWebhooks: listWebhooksHandler(webhooks),
    updateWebhook: updateWebhookHandler(webhooks),
    deleteWebhook: deleteWebhookHandler(webhooks),
    testWebhook: testWebhookHandler(webhooks),
    pauseWebhook: pauseWebhookHandler(webhooks),
    resumeWebhook: resumeWebhookHandler(webhooks),
    replayWebhook: replayWebhookHandler(webhooks, store),
    skipChange: skipChangeHandler(webhooks),
    rotateSecret: rotateSecretHandler(webhooks),
    listDeliveries: listDeliveriesHandler(webhooks),
  };
}
