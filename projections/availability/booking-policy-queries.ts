import type { BookingPolicyQueries } from '../../src/application/read-model.js';
import { policyOf } from '../../src/domain/availability/offering.js';
import { type Queryable, query, selectList } from '../query.js';
import type { RowOf } from '../table.js';
import { bookingPoliciesTable } from './booking-policies-table.js';

/** Queries over `read_model.booking_policies`. */
export function createBookingPolicyQueries(pool: Queryable): BookingPolicyQueries {
  return {
    async get(coachHashId) {
      const [row] = await query<RowOf<typeof bookingPoliciesTable>>(pool, {
        name: 'booking policy',
        text: `
          select ${selectList(bookingPoliciesTable, 'policy')}
          from read_model.booking_policies policy
          where coach_hash_id = $1 and state = 'set'`,
        values: [coachHashId],
      });
      if (!row) return undefined;
      const { durations = '[]', allowOutsideHours = false, revision, updatedAt, ...numbers } = row;
      const policy = policyOf({ ...numbers, durations: JSON.parse(durations) as number[], allowOutsideHours });
      return { ...policy, revision, updatedAt };
    },
  };
}
