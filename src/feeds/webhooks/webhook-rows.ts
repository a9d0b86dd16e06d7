import type { ChangeEvent } from '../../application/change-feed.js';
import type { Delivery, HeldUp, PauseReason, Webhook } from '../../application/webhooks.js';

/** A row of `feeds.webhooks`. */
export interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly coach_hash_id: string | null;
  readonly client_hash_id: string | null;
  readonly types: ChangeEvent['type'][];
  readonly description: string;
  readonly secret: string;
  readonly former_secret: string | null;
  readonly former_secret_until: Date | null;
  readonly pause_reason: PauseReason | null;
  readonly pause_detail: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: bigint;
  readonly start_after: bigint;
  readonly generation: bigint;
}

/** A row of `feeds.webhook_held_up`. */
export interface HeldUpRow {
  readonly webhook_id: string;
  readonly coach_hash_id: string;
  readonly change_id: string;
  readonly revision: bigint;
  readonly attempts: number;
  readonly since: Date;
  readonly next_attempt_at: Date;
  readonly last_error: string;
  readonly skip: boolean;
}

/** A row of `feeds.webhook_deliveries`. */
export interface DeliveryRow {
  readonly id: string;
  readonly at: Date;
  readonly change_id: string;
  readonly position: bigint;
  readonly type: string;
  readonly coach_hash_id: string;
  readonly attempt: number;
  readonly succeeded: boolean;
  readonly status: number | null;
  readonly error: string;
  readonly duration_ms: number;
  readonly response_body: string;
}

/** A webhook without its secrets. */
export function webhookOf(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    coachHashId: row.coach_hash_id ?? undefined,
    clientHashId: row.client_hash_id ?? undefined,
    types: row.types,
    description: row.description,
    pauseReason: row.pause_reason ?? undefined,
    pauseDetail: row.pause_detail,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    etag: String(row.version),
    formerSecretUntil: row.former_secret_until?.getTime(),
  };
}

/** A coach that is held up. */
export function heldUpOf(row: HeldUpRow): HeldUp {
  return {
    coachHashId: row.coach_hash_id,
    changeId: row.change_id,
    revision: Number(row.revision),
    attempts: row.attempts,
    since: row.since.getTime(),
    nextAttemptAt: row.next_attempt_at.getTime(),
    lastError: row.last_error,
  };
}

/** An attempt. */
export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    at: row.at.getTime(),
    changeId: row.change_id,
    position: row.position,
    type: row.type,
    coachHashId: row.coach_hash_id,
    attempt: row.attempt,
    succeeded: row.succeeded,
    status: row.status ?? undefined,
    error: row.error,
    duration: row.duration_ms,
    responseBody: row.response_body,
  };
}

/** The secrets to sign with. */
export function secretsOf(
  { secret, former_secret, former_secret_until }: Pick<WebhookRow, 'secret' | 'former_secret' | 'former_secret_until'>,
  now: number,
): readonly string[] {
  const isValid = former_secret !== null && former_secret_until !== null && former_secret_until.getTime() > now;
  return isValid ? [secret, former_secret] : [secret];
}
