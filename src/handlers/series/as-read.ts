import { Code, ConnectError } from '@connectrpc/connect';
import type { SeriesRow } from '../../application/read-model.js';
import { etagOfSeries } from '../../domain/coach/session.js';
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.js';
import { tryAgain } from '../answer/errors.js';

/** As often as a coach decides a command anew when other processes are faster. */
const MOST_TRIES = 10;

/**
 * Does work for a series as it was read, and with its etag: again when the series has changed meanwhile, or was read amid
 * a change, some sessions before it and some after it. Throws what the work throws of a series as it is, and ABORTED
 * when the series changes all the time.
 * @param work refuses with STALE_ETAG or INVALID_ARGUMENT only if it has written nothing
 */
export async function forSeriesAsRead<Result>(
  read: () => Promise<SeriesRow>,
  work: (series: SeriesRow, etag: string) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const series = await read();
    const etag = etagOfSeries(series.sessions);
    try {
      return await work(series, etag);
    } catch (error) {
      if (!isStale(error) && !(isInvalid(error) && etagOfSeries((await read()).sessions) !== etag)) throw error;
    }
  }
  throw tryAgain(Code.Aborted, 'too many concurrent changes; nothing was written');
}

function isInvalid(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.InvalidArgument;
}

function isStale(error: unknown): boolean {
  return error instanceof ConnectError && error.findDetails(ErrorInfoSchema)[0]?.reason === 'STALE_ETAG';
}
