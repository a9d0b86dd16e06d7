import { Code } from '@connectrpc/connect';
import { isRefusal } from '../../application/refusal.js';
import type {
  Delivery,
  HeldUp,
  PauseReason,
  Webhook,
  WebhookRefusal,
  WebhookState,
} from '../../application/webhooks.js';
import { MAX_WEBHOOKS } from '../../application/webhooks.js';
import * as proto from '../../gen/aceup/scheduler/v1/webhook_pb.js';
import { timestampOf } from '../../json/times.js';
import { orNotFound, refused, requestIdReused, staleEtag } from './errors.js';

const REASONS: Readonly<Record<PauseReason, proto.PauseReason>> = {
  by_admin: proto.PauseReason.BY_ADMIN,
  failing: proto.PauseReason.FAILING,
  gone: proto.PauseReason.GONE,
  not_in_log: proto.PauseReason.NOT_IN_LOG,
};

/** A webhook as callers get it. */
export function webhookMessage(webhook: Webhook) {
  const { coachHashId, clientHashId, pauseReason, createdAt, updatedAt, formerSecretUntil, types, ...same } = webhook;
  return {
    ...same,
    types: [...types],
    coachHashId: coachHashId ?? '',
    clientHashId: clientHashId ?? '',
    state: pauseReason ? proto.WebhookState.PAUSED : proto.WebhookState.ACTIVE,
    pauseReason: pauseReason ? REASONS[pauseReason] : proto.PauseReason.UNSPECIFIED,
    createdAt: timestampOf(createdAt),
    updatedAt: timestampOf(updatedAt),
    ...(formerSecretUntil !== undefined && { formerSecretUntil: timestampOf(formerSecretUntil) }),
  };
}

/** A webhook with its progress. */
export function webhookStateMessage({ webhook, progress }: WebhookState) {
  const { position, lastError, failingSince, heldUp, heldUpCount } = progress;
  return {
    ...webhookMessage(webhook),
    progress: {
      position,
      lastError: lastError ?? '',
      ...(failingSince !== undefined && { failingSince: timestampOf(failingSince) }),
      heldUp: heldUp.map(heldUpMessage),
      heldUpCount,
    },
  };
}

function heldUpMessage({ revision, since, nextAttemptAt, ...same }: HeldUp) {
  return {
    ...same,
    revision: BigInt(revision),
    since: timestampOf(since),
    nextAttemptAt: timestampOf(nextAttemptAt),
  };
}

/** An attempt as callers get it. */
export function deliveryMessage({ at, status, duration, ...same }: Delivery) {
  return { ...same, at: timestampOf(at), status: status ?? 0, durationMs: duration };
}

/** Answers what is no refusal, and throws the error for any. */
export function doneOrThrow<Answer>(id: string, answer: Answer | WebhookRefusal): Answer {
  if (!isRefusal<WebhookRefusal>(answer)) return answer;
  switch (answer.refused) {
    case 'not-found':
      return orNotFound<Answer>('webhook', id, undefined);
    case 'stale-etag':
      throw staleEtag(answer.etag);
    case 'request-id-reused':
      throw requestIdReused();
    case 'quota':
      throw webhookQuota();
    default:
      return answer satisfies never;
  }
}

/** FAILED_PRECONDITION: there are as many webhooks as there may be. */
export function webhookQuota() {
  const message = `there are ${MAX_WEBHOOKS} webhooks, the most that are allowed`;
  return refused(Code.FailedPrecondition, 'WEBHOOK_QUOTA', message);
}
