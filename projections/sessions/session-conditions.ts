import type { SessionFilter, SessionKey } from '../../src/application/read-model.js';
import { LONGEST_SLOT } from '../../src/domain/slot.js';
import { timeParameter } from '../column-types.js';

/** What the sessions of a list must meet. */
export interface Condition {
  readonly name: string;
  /** Whether a session that meets it does so for life. */
  readonly isConstant: boolean;
  /** What it compares with, and the types in Postgres. */
  readonly values: readonly (readonly [type: string, value: string])[];
  /** The condition in SQL, from the SQL of its values. */
  readonly toSql: (rows: Rows, ...values: string[]) => string;
}

/** What a query calls the rows that have the columns of a session. */
export interface Rows {
  /** The row with the columns that never change. */
  readonly constant: string;
  /** The row with the start and the id, by which lists are ordered. */
  readonly key: string;
  readonly others: string;
}

/** A row that has all columns of a session. */
export function allIn(alias: string): Rows {
  return { constant: alias, key: alias, others: alias };
}

/**
 * Only the filters that are given become conditions: each combination has a plan of its own.
 * @param after the last session of the page before (exclusive)
 */
export function conditionsOf(filter: SessionFilter, after: SessionKey | undefined): Condition[] {
  const { coachHashId, clientHashId, seriesId, from, to, state } = filter;
  const conditions: Condition[] = [];
  const add = (name: string, values: Condition['values'], toSql: ToSql, isConstant = false) => {
    conditions.push({ name, isConstant, values, toSql: toSql as Condition['toSql'] });
  };
  const addConstant = (name: string, type: string, value: string, column: string) => {
    add(name, [[type, value]], ({ constant }, given) => `${constant}.${column} = ${given}`, true);
  };

  if (coachHashId !== undefined) addConstant('coach', 'text', coachHashId, 'coach_hash_id');
  if (clientHashId !== undefined) addConstant('client', 'text', clientHashId, 'client_hash_id');
  if (seriesId !== undefined) addConstant('series', 'uuid', seriesId, 'series_id');
  if (state !== undefined) add('state', [['text', state]], ({ others }, name) => `${others}.state = ${name}`);
  if (to !== undefined) add('to', [timeValue(to)], ({ key }, time) => `${key}.start < ${time}`);
  if (from !== undefined) {
    // With the first condition, the index skips sessions that ended long before.
    add(
      'from',
      [timeValue(from)],
      ({ key, others }, time) =>
        `${key}.start > ${time}::timestamptz - interval '${LONGEST_SLOT} minutes'
         and ${key}.start + ${others}.duration * interval '1 minute' > ${time}::timestamptz`,
    );
  }
  if (after) {
    add('after', [timeValue(after.start), ['uuid', after.id]], ({ key }, start, id) => {
      return `(${key}.start, ${key}.id) > (${start}, ${id})`;
    });
  }
  return conditions;
}

type ToSql = (rows: Rows, first: string, second: string) => string;

function timeValue(time: number): readonly [type: string, value: string] {
  return ['timestamptz', timeParameter(time)];
}

/** The names of the conditions: queries with the same names have the same text. */
export function namesOf(conditions: readonly Condition[]): string {
  return conditions.map(({ name }) => name).join(' ');
}
