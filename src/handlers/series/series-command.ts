import type { SeriesQueries, SeriesRow } from '../../application/read-model.js';
import { orNotFound } from '../answer/errors.js';
import type { ReadYourWrites } from '../request/read-your-writes.js';
import type { CommandParts } from '../request/submit-command.js';

/** What the handlers of commands for one series need. */
export interface SeriesCommandParts extends CommandParts {
  readonly seriesOf: SeriesOf;
}

/**
 * A series by its id, a UUID in lower case. Its sessions are as they were booked or as they are now, at least as of the
 * call. Throws NOT_FOUND, `StoreUnavailable`, `ReadModelUnavailable`.
 */
export type SeriesOf = (id: string, signal: AbortSignal) => Promise<SeriesRow>;

/** Finds series in the read model, once it has all that was acknowledged before the call. */
export function createSeriesOf(queries: SeriesQueries, reads: ReadYourWrites): SeriesOf {
  return async (id, signal) => {
    await reads.waitForNow(signal);
    return orNotFound('series', id, await queries.get(id));
  };
}
