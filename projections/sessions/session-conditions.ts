import type { ListKey, SessionFilter } from '../../src/application/read-model.js';
import {
  type Condition,
  changing,
  constant,
  following,
  inTime,
  type Order,
  ofWhom,
  oneOf,
  timeValue,
} from '../conditions.js';

/**
 * What the sessions of a list must meet. Only the filters that are given become conditions: each combination has a plan of
 * its own.
 * @param after the last session of the page before (exclusive)
 */
export function conditionsOf(filter: SessionFilter, after: ListKey | undefined, order: Order): Condition[] {
  const { seriesId, states, updatedAfter, cancelledSince } = filter;
  return [
    ...ofWhom(filter),
    ...(seriesId === undefined ? [] : [constant('series', 'uuid', seriesId, 'series_id')]),
    ...(states === undefined ? [] : [oneOf('states', states, ({ others }) => `${others}.state`)]),
    ...inTime(filter),
    ...(updatedAfter === undefined ? [] : [updatedSince(updatedAfter)]),
    ...(cancelledSince === undefined ? [] : [cancelledNoEarlier(cancelledSince)]),
    ...following(after, order),
  ];
}

/** In which order sessions are listed. */
export function orderOf({ updatedAfter, newestFirst = false }: SessionFilter): Order {
  return { column: updatedAfter === undefined ? 'start' : 'updated_at', isReversed: newestFirst };
}

function updatedSince(time: number): Condition {
  return changing('since', [timeValue(time)], ({ key }, given) => `${key}.updated_at > ${given}`);
}

/** The last change of a cancelled session is that it was cancelled. */
function cancelledNoEarlier(time: number): Condition {
  return changing('no', [timeValue(time)], ({ key, others }, given) => {
    return `(${others}.state <> 'cancelled' or ${key}.updated_at >= ${given})`;
  });
}
