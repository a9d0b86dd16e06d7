import type { ListFilter, ListKey } from '../src/application/read-model.js';
import { LONGEST_SLOT } from '../src/domain/slot.js';
import { timeParameter } from './column-types.js';

/** What the rows of a list must meet. */
export interface Condition {
  readonly name: string;
  /** Whether a row that meets it does so for life. */
  readonly isConstant: boolean;
  /** What it compares with, and the types in Postgres. */
  readonly values: readonly ConditionValue[];
  /** The condition in SQL, from the SQL of its values. */
  readonly toSql: (rows: Rows, ...values: string[]) => string;
}

/** A value with its type in Postgres. */
export type ConditionValue = readonly [type: string, value: string];

/** What a query calls the rows that have the columns of an item of a list. */
export interface Rows {
  /** The row with the columns that never change. */
  readonly constant: string;
  /** The row with the time and the id, by which lists are ordered. */
  readonly key: string;
  readonly others: string;
}

/** In which order a list is. */
export interface Order {
  /** The column of the time, by which the list is ordered before the id. */
  readonly column: string;
  readonly isReversed: boolean;
}

/** A row that has all columns. */
export function allIn(alias: string): Rows {
  return { constant: alias, key: alias, others: alias };
}

/**
 * A name for the conditions and the order: queries of a table with the same name have the same text. It is short, as
 * Postgres takes 63 characters for the name of a statement.
 */
export function nameOf({ conditions, order }: ConditionsInOrder): string {
  return [...conditions.map(({ name }) => name), ...(order.isReversed ? ['desc'] : [])].join(' ');
}

interface ConditionsInOrder {
  readonly conditions: readonly Condition[];
  readonly order: Order;
}

/** The order in SQL. */
export function orderSql({ column, isReversed }: Order, { key }: Pick<Rows, 'key'>): string {
  const direction = isReversed ? ' desc' : '';
  return `order by ${key}.${column}${direction}, ${key}.id${direction}`;
}

/** The row has this value for life. */
export function constant(name: string, type: string, value: string, column: string): Condition {
  const toSql: Condition['toSql'] = (rows, given) => `${rows.constant}.${column} = ${given}`;
  return { name, isConstant: true, values: [[type, value]], toSql };
}

/** A condition that a row may meet now and not later. */
export function changing(name: string, values: Condition['values'], toSql: Condition['toSql']): Condition {
  return { name, isConstant: false, values, toSql };
}

/** Whose rows are listed. */
export function ofWhom({ coachHashId, clientHashId }: ListFilter): Condition[] {
  return [
    ...(coachHashId === undefined ? [] : [constant('coach', 'text', coachHashId, 'coach_hash_id')]),
    ...(clientHashId === undefined ? [] : [constant('client', 'text', clientHashId, 'client_hash_id')]),
  ];
}

/** Whether a list is of one coach or one client, whose rows an index has in the order of the list. */
export function isOfOne({ coachHashId, clientHashId }: ListFilter): boolean {
  return (coachHashId === undefined) !== (clientHashId === undefined);
}

/** The slots of the rows have time in common with a span of time. */
export function inTime({ from, to }: ListFilter): Condition[] {
  const conditions: Condition[] = [];
  if (to !== undefined) {
    conditions.push(changing('to', [timeValue(to)], ({ key }, time) => `${key}.start < ${time}::timestamptz`));
  }
  if (from !== undefined) {
    // With the first condition, the index skips slots that ended long before.
    conditions.push(
      changing(
        'from',
        [timeValue(from)],
        ({ key, others }, time) =>
          `${key}.start > ${time}::timestamptz - interval '${LONGEST_SLOT} minutes'
           and ${key}.start + ${others}.duration * interval '1 minute' > ${time}::timestamptz`,
      ),
    );
  }
  return conditions;
}

/** The rows follow a key (exclusive) in the order of the list. */
export function following(after: ListKey | undefined, { column, isReversed }: Order): Condition[] {
  if (!after) return [];
  const comes = isReversed ? '<' : '>';
  return [
    changing('after', [timeValue(after.time), ['uuid', after.id]], ({ key }, time, id) => {
      return `(${key}.${column}, ${key}.id) ${comes} (${time}, ${id})`;
    }),
  ];
}

/** A value of a row is one of several, which have no comma in them. */
export function oneOf(name: string, values: readonly string[], valueSql: (rows: Rows) => string): Condition {
  // One text: an array in each row of many would make one array of all.
  const given: ConditionValue = ['text', values.join()];
  return changing(name, [given], (rows, list) => `${valueSql(rows)} = any(string_to_array(${list}, ','))`);
}

/** A time, in epoch milliseconds. */
export function timeValue(time: number): ConditionValue {
  return ['timestamptz', timeParameter(time)];
}
