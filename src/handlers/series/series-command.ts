import type { SeriesQueries, SeriesRow } from '../../application/read-model.js';
import { visible } from '../access/scope.js';
import { orNotFound } from '../answer/errors.js';
import type { Call } from '../call.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import type { CommandParts } from '../request/submit-command.js';
import type { Turns } from '../request/turns.js';

/** What the handlers that compute the times of a series need. */
export interface SeriesTimesParts extends CommandParts {
  readonly turns: Turns;
  readonly reads: ReadYourWrites;
}

/** What the handlers of commands for one series need. */
export interface SeriesCommandParts extends SeriesTimesParts {
  readonly seriesOf: SeriesOf;
}

/**
 * Finds a series by its id, a UUID in lower case, with at least the sessions that it had at the time of the call.
 * Throws NOT_FOUND, also for somebody else's, `StoreUnavailable`, `ReadModelUnavailable`.
 */
export type SeriesOf = (id: string, call: Pick<Call, 'cancellation' | 'scope'>) => Promise<SeriesRow>;

/** Finds series in the read model, once it has everything acknowledged before the call. */
export function createSeriesOf(
  queries: Pick<SeriesQueries, 'get'>,
  reads: Pick<ReadYourWrites, 'waitForNow'>,
): SeriesOf {
  return async (id, { cancellation, scope }) => {
    await reads.waitForNow(cancellation);
    return orNotFound('series', id, visible(scope, await queries.get(id)));
  };
}
