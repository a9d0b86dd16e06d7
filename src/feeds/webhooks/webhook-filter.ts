import { CHANGES, type ChangeEvent, type ChangeFilter } from '../../application/change-feed.js';
import type { WebhookRow } from './webhook-rows.js';

const OF_SESSIONS: ReadonlySet<ChangeEvent['type']> = new Set(
  (Object.keys(CHANGES) as ChangeEvent['type'][]).filter((type) => CHANGES[type] === 'session'),
);

/** Which changes a webhook is told. */
export function filterOf({
  coach_hash_id,
  client_hash_id,
  types,
}: Pick<WebhookRow, 'coach_hash_id' | 'client_hash_id' | 'types'>): ChangeFilter {
  return {
    ...(coach_hash_id !== null && { coachHashId: coach_hash_id }),
    ...(client_hash_id !== null && { clientHashId: client_hash_id }),
    types: types.length > 0 ? new Set(types) : OF_SESSIONS,
  };
}
