import type pg from 'pg';
import type { AvailabilityQueries, AvailabilityRow } from '../../src/application/read-model.js';
import { timeParameter } from '../column-types.js';
import { type Queryable, query, selectList } from '../query.js';
import type { RowOf } from '../table.js';
import { availabilityHistoryTable, availabilityTable, datesIn, weeklyIn } from './availability-table.js';

/** A row of either table: what was set, and when. */
type Row = Pick<RowOf<typeof availabilityTable>, 'timeZone' | 'weekly' | 'dates' | 'revision' | 'updatedAt'>;

const COLUMNS = selectList(availabilityTable, 'availability', ['timeZone', 'weekly', 'dates', 'revision', 'updatedAt']);

const CHANGE_COLUMNS = selectList(availabilityHistoryTable, 'change', ['timeZone', 'weekly', 'dates', 'revision']);
const DECIDED_AT = availabilityHistoryTable.columns.decidedAt.type.toRead?.('change.decided_at');

/** Queries over `read_model.availability` and its history. */
export function createAvailabilityQueries(pool: Queryable): AvailabilityQueries {
  async function find(config: pg.QueryConfig): Promise<AvailabilityRow | undefined> {
    const [row] = await query<Row>(pool, config);
    return row && availabilityOf(row);
  }

  /** A command changes an availability once: every revision is one of whole changes. */
  function findAsOf(coachHashId: string, name: string, condition: string, value: unknown) {
    return find({
      name: `availability as of ${name}`,
      text: `
        select ${CHANGE_COLUMNS}, ${DECIDED_AT} as "updatedAt"
        from read_model.availability_history change
        where coach_hash_id = $1 and ${condition}
        order by revision desc
        limit 1`,
      values: [coachHashId, value],
    });
  }

  return {
    get: (coachHashId) =>
      find({
        name: 'availability',
        text: `select ${COLUMNS} from read_model.availability availability where coach_hash_id = $1`,
        values: [coachHashId],
      }),

    getAsOf: (coachHashId, asOf) =>
      'time' in asOf
        ? findAsOf(coachHashId, 'time', 'decided_at <= $2', timeParameter(asOf.time))
        : findAsOf(coachHashId, 'revision', 'revision <= $2', asOf.revision),
  };
}

/** Undefined when nothing is set: the last change deleted it. */
function availabilityOf({ timeZone, weekly, dates, revision, updatedAt }: Row): AvailabilityRow | undefined {
  if (timeZone === undefined || weekly === undefined || dates === undefined) return undefined;
  return { timeZone, weekly: weeklyIn(weekly), dates: datesIn(dates), revision, updatedAt };
}
