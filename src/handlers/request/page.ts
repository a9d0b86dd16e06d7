import type { ListKey } from '../../application/read-model.js';
import { pageToken, parsePageToken } from '../answer/tokens.js';
import type { Call } from '../call.js';
import { pageSizeOf } from './fields.js';
import type { ReadYourWrites } from './read-your-writes.js';

/** The fields of a request for a page of a list. */
export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly consistencyToken: string;
}

/** A page of a list. */
export interface ReadPage<Row> {
  readonly rows: readonly Row[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/**
 * Reads a page, once the read model has what the caller must see. Throws INVALID_ARGUMENT for a token of another query,
 * `StoreUnavailable` and `ReadModelUnavailable`.
 * @param query what the list was asked for: a page token is valid for the same query only
 * @param read reads at most `limit` rows after a key (exclusive)
 * @param keyOf the place of a row in the list
 */
export async function readPage<Row>(
  request: PageRequest,
  { cancellation }: Pick<Call, 'cancellation'>,
  reads: ReadYourWrites,
  query: unknown,
  read: (after: ListKey | undefined, limit: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => ListKey,
): Promise<ReadPage<Row>> {
  const after = parsePageToken(request.pageToken, query);
  const size = pageSizeOf(request.pageSize);
  await reads.waitFor(request.consistencyToken, cancellation);

  // One more than asked for tells whether there is a next page.
  const rows = await read(after, size + 1);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return { rows: page, nextPageToken: last && rows.length > size ? pageToken(keyOf(last), query) : '' };
}
