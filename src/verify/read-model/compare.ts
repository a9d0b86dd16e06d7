import type { Beside } from '../audit-log.js';
import type { Coach } from '../coach.js';
import type { Faults } from '../faults.js';
import { lastOf } from '../offering.js';
import {
  type AuditedTable,
  historyRow,
  holdRow,
  type Row,
  requestRow,
  seriesRow,
  sessionRow,
  TABLES,
  type Value,
} from './expected-rows.js';
import { availabilityHistoryRow, availabilityRow, bookingPolicyRow, timeOffRow } from './offering-rows.js';
import type { ReadModelSnapshot } from './snapshot.js';

/** Compares the read model with what the events leave, row by row. */
export interface ReadModelAudit extends Beside {
  /** The rows that were compared. */
  readonly rows: number;
}

/** Compares a snapshot with the events up to its checkpoint. */
export function compareReadModel(snapshot: ReadModelSnapshot, faults: Faults): ReadModelAudit {
  // Both are in the order of the log, so that no history has to be kept in memory.
  const history = snapshot.rows(TABLES.history, ['position', 'session_id']);
  let inHistory: IteratorResult<Row> | undefined;
  let rows = 0;

  function wrong(table: AuditedTable, row: Row, what: string): void {
    const key = table.key.map((column) => `${column} ${row[column]}`).join(', ');
    faults.add({ what: `read_model.${table.name}, ${key}: ${what}` });
  }

  function extra(table: AuditedTable, row: Row): void {
    wrong(table, row, 'the log has nothing that makes this row');
  }

  function missing(table: AuditedTable, expected: Row): void {
    wrong(table, expected, 'the row is missing');
  }

  function compareRow(table: AuditedTable, row: Row, expected: Row): void {
    const differing = Object.keys(table.columns).filter((column) => row[column] !== expected[column]);
    if (differing.length === 0) return;
    const parts = differing.map((column) => {
      return `${column} is ${JSON.stringify(row[column])}, by the log ${JSON.stringify(expected[column])}`;
    });
    wrong(table, row, parts.join('; '));
  }

  async function nextOfHistory(): Promise<void> {
    inHistory = await history.next();
    if (!inHistory.done) rows += 1;
  }

  async function compareTable<Item extends object>(
    table: AuditedTable,
    coaches: ReadonlyMap<string, Coach>,
    { itemsOf, id, rowOf }: Part<Item>,
  ): Promise<void> {
    const seen = new Set<Item>();
    for await (const row of snapshot.rows(table)) {
      rows += 1;
      const coachHashId = row['coach_hash_id'] as string;
      const coach = coaches.get(coachHashId);
      const item = coach && itemsOf(coach).get(row[id]!);
      if (!item) {
        extra(table, row);
        continue;
      }
      seen.add(item);
      compareRow(table, row, rowOf(item, coachHashId));
    }
    for (const [coachHashId, coach] of coaches) {
      for (const item of itemsOf(coach).values()) if (!seen.has(item)) missing(table, rowOf(item, coachHashId));
    }
  }

  return {
    get rows() {
      return rows;
    },
    upTo: snapshot.checkpoint,

    async changes(changes) {
      for (const change of changes) {
        const expected = historyRow(change);
        const position = expected['position'] as number;
        if (!inHistory) await nextOfHistory();
        while (!inHistory!.done && (inHistory!.value['position'] as number) < position) {
          extra(TABLES.history, inHistory!.value);
          await nextOfHistory();
        }
        if (inHistory!.done || inHistory!.value['position'] !== position) {
          missing(TABLES.history, expected);
        } else {
          compareRow(TABLES.history, inHistory!.value, expected);
          await nextOfHistory();
        }
      }
    },

    async compare(coaches) {
      if (!inHistory) await nextOfHistory();
      while (!inHistory!.done) {
        extra(TABLES.history, inHistory!.value);
        await nextOfHistory();
      }
      await compareTable(TABLES.sessions, coaches, { itemsOf: (coach) => coach.sessions, id: 'id', rowOf: sessionRow });
      await compareTable(TABLES.holds, coaches, { itemsOf: (coach) => coach.holds, id: 'id', rowOf: holdRow });
      await compareTable(TABLES.series, coaches, { itemsOf: (coach) => coach.series, id: 'id', rowOf: seriesRow });
      const requests = { itemsOf: (coach: Coach) => coach.requests, id: 'request_id', rowOf: requestRow };
      await compareTable(TABLES.requests, coaches, requests);
      await compareTable(TABLES.availability, coaches, {
        itemsOf: ({ offering }) => byCoach(lastOf(offering.availability)),
        id: 'coach_hash_id',
        rowOf: availabilityRow,
      });
      await compareTable(TABLES.availabilityHistory, coaches, {
        itemsOf: ({ offering }) => offering.availability,
        id: 'revision',
        rowOf: availabilityHistoryRow,
      });
      await compareTable(TABLES.bookingPolicies, coaches, {
        itemsOf: ({ offering }) => byCoach(offering.policy),
        id: 'coach_hash_id',
        rowOf: bookingPolicyRow,
      });
      const timeOff = { itemsOf: ({ offering }: Coach) => offering.timeOff, id: 'id', rowOf: timeOffRow };
      await compareTable(TABLES.timeOff, coaches, timeOff);
    },
  };
}

/** What of a coach is in a table. */
interface Part<Item extends object> {
  readonly itemsOf: (coach: Coach) => ReadonlyMap<Value, Item>;
  /** The column by which the items of a coach are told apart. */
  readonly id: string;
  readonly rowOf: (item: Item, coachHashId: string) => Row;
}

/** The one row that a coach has in a table. */
function byCoach<Change extends { readonly event: { readonly coachHashId: string } }>(
  change: Change | undefined,
): ReadonlyMap<Value, Change> {
  return new Map(change && [[change.event.coachHashId, change]]);
}
