import { type ChangeFilter, SESSION_CHANGES } from '../../application/change-feed.js';
import type { WebhookRow } from './webhook-rows.js';

/** Which changes a webhook is told. */
export function filterOf({
  coach_hash_id,
  client_hash_id,
  types,
}: Pick<WebhookRow, 'coach_hash_id' | 'client_hash_id' | 'types'>): ChangeFilter {
  return {
    ...(coach_hash_id !== null && { coachHashId: coach_hash_id }),
    ...(client_hash_id !== null && { clientHashId: client_hash_id }),
    types: types.length > 0 ? new Set(types) : SESSION_CHANGES,
  };
}
