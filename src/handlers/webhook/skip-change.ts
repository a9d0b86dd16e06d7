import type { Webhooks } from '../../application/webhooks.js';
import type { WebhookService } from '../../gen/aceup/scheduler/v1/webhook_service_pb.js';
import { doneOrThrow } from '../answer/webhook-message.js';
import type { Handler } from '../endpoints.js';
import { hashId, uuid } from '../request/fields.js';
import { commandGiven } from './given.js';

/** Gives a change up; see the rpc's comment. */
export function skipChangeHandler(webhooks: Webhooks): Handler<typeof WebhookService.method.skipChange> {
  return async (request, call) => {
    const { coachHashId } = request;
    const changeId = request.changeId.toLowerCase();
    const broken = [hashId('coach_hash_id', coachHashId), uuid('change_id', changeId)];
    const command = commandGiven({ ...request, etag: '' }, call, [coachHashId, changeId], ...broken);
    return { skipped: doneOrThrow(command.id, await webhooks.skip(command, coachHashId, changeId)) };
  };
}
