import type pg from 'pg';
import type { AsOf, ListKey, SessionFilter } from '../../src/application/read-model.js';
import { timeParameter } from '../column-types.js';
import { allIn, type Condition, nameOf, type Order, orderSql, type Rows } from '../conditions.js';
import { conditionsOf } from '../sessions/session-conditions.js';
import { PACKED_SESSION } from '../sessions/session-queries.js';

/** The changes of sessions, with the names that the columns have in `sessions`. */
const SESSION_CHANGES = 'select *, session_id as id, decided_at as updated_at from read_model.session_history';

/** The query for one session as it was, for `querySessions`. */
export function getAsOfQuery(id: string, asOf: AsOf): pg.QueryConfig {
  const past = pastOf(asOf);
  return {
    name: `session as of ${past.name}`,
    text: `select ${PACKED_SESSION.expression} as item from (${asItWas('$1', past)}) session`,
    values: [id, past.value],
  };
}

/**
 * The query for a page of sessions as they were, for `querySessions`. It merges two lists, each in order of the starts
 * at that time and no longer than the page:
 *
 * - Sessions that were not moved since then have the start that they had. An index has them in order, and says when
 *   they were booked. Only those booked by then are looked up in the history, until the page is full. As of a revision
 *   the index cannot tell: those booked later are looked up, too.
 * - When sessions that were moved since then began, only the history knows. All of them are looked up. The indexes that
 *   find them have nothing but moves.
 * @param filter names the coach or the client
 * @param after the last session of the page before (exclusive)
 * @param limit the most sessions to list
 */
export function listAsOfQuery(
  filter: SessionFilter,
  asOf: AsOf,
  after: ListKey | undefined,
  limit: number,
): pg.QueryConfig {
  const past = pastOf(asOf);
  const { updatedAfter: _, cancelledSince: __, ...others } = filter;
  const order = { column: 'start', isReversed: filter.newestFirst ?? false };
  const conditions = conditionsOf(others, after, order);
  const values: unknown[] = [limit, past.value];
  const numbered = conditions.map((condition) => {
    return { ...condition, parameters: condition.values.map(([, value]) => `$${values.push(value)}`) };
  });
  return {
    name: `as of ${past.name} ${nameOf({ conditions, order })}`,
    text: `
      with moved as materialized (${movedSince(past, numbered)})
      select ${PACKED_SESSION.expression} as item
      from ((${notMoved(past, numbered, order)}) union all (${asMovedOnesWere(past, numbered, order)})) session
      ${orderSql(order, allIn('session'))}
      limit $1`,
    values,
  };
}

/** A moment of the past in queries whose second parameter is its value. */
interface Past {
  readonly name: string;
  readonly value: unknown;
  /** The condition on a change that was made by then. */
  readonly made: string;
  /** The condition on a change that was made later. */
  readonly madeLater: string;
  /** The condition on a session or a change that its session was booked by then, where the row can tell. */
  readonly booked: string;
}

function pastOf(asOf: AsOf): Past {
  if ('time' in asOf) {
    const [made, madeLater] = ['decided_at <= $2::timestamptz', 'decided_at > $2::timestamptz'];
    return { name: 'time', value: timeParameter(asOf.time), made, madeLater, booked: 'created_at <= $2::timestamptz' };
  }
  const [made, madeLater] = ['revision <= $2::bigint', 'revision > $2::bigint'];
  return { name: 'revision', value: asOf.revision, made, madeLater, booked: 'true' };
}

/** The session with the id as it was, if it was booked by then. Reminders change nothing of it. */
function asItWas(id: string, { made }: Pick<Past, 'made'>): string {
  return `
    ${SESSION_CHANGES}
    where session_id = ${id} and ${made} and type <> 'SessionReminderDue' order by revision desc limit 1`;
}

/** The session with the id as it was after a change of it, which may be a reminder. Both are the SQL of values. */
export function afterChange(id: string, revision: string): string {
  return asItWas(id, { made: `revision <= ${revision}` });
}

/** A condition with the parameters that have its values. */
interface Numbered extends Condition {
  readonly parameters: readonly string[];
}

function toSql(conditions: readonly Numbered[], rows: Rows): string {
  const all = conditions.map((condition) => ` and ${condition.toSql(rows, ...condition.parameters)}`);
  return all.join('');
}

function movedSince({ madeLater, booked }: Past, conditions: readonly Numbered[]): string {
  const constant = conditions.filter(({ isConstant }) => isConstant);
  return `
    select distinct session_id as id
    from read_model.session_history move
    where type = 'SessionRescheduled' and ${madeLater} and ${booked}${toSql(constant, allIn('move'))}`;
}

/**
 * Postgres takes an array for ten ids and puts them into a hash table, however many there are. It would compare every
 * session with every one of them if it expected too many for its memory.
 */
const NOT_MOVED = 'id not in (select unnest(array(select id from moved)))';

function notMoved(past: Past, conditions: readonly Numbered[], order: Order): string {
  const rows = { constant: 'booked', key: 'booked', others: 'session' };
  return `
    select session.*
    from (select * from read_model.sessions where ${past.booked} and ${NOT_MOVED}) booked
    cross join lateral (${asItWas('booked.id', past)}) session
    where true${toSql(conditions, rows)}
    ${orderSql(order, rows)}
    limit $1`;
}

function asMovedOnesWere(past: Past, conditions: readonly Numbered[], order: Order): string {
  const changing = conditions.filter(({ isConstant }) => !isConstant);
  return `
    select session.*
    from moved cross join lateral (${asItWas('moved.id', past)}) session
    where true${toSql(changing, allIn('session'))}
    ${orderSql(order, allIn('session'))}
    limit $1`;
}
