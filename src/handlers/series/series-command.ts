import type { SeriesQueries, SeriesRow } from '../../application/read-model.js';
import { found } from '../answer/not-found.js';
import type { CommandParts } from '../request/command.js';
import type { Seen } from '../request/read-your-writes.js';

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
export function createSeriesOf(queries: SeriesQueries, seen: Seen): SeriesOf {
  return async (id, signal) => {
    await seen.upToNow(signal);
    return found('series', id, await queries.get(id));
  };
}
